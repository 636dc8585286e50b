"""What is kept no longer than promised, and what is kept."""

from uuid import UUID

from sqlalchemy import func, select, text
from support.stored import opened_in

from projector.housekeeping import Housekeeping
from shared.state import RunKind
from shared.store import tables


async def counts(engine) -> dict[str, int]:
    names = ("video_projects", "runs", "tasks", "project_events", "outbox", "idempotency_keys")
    async with engine.connect() as conn:
        return {
            name: (
                await conn.execute(select(func.count()).select_from(tables.metadata.tables[name]))
            ).scalar_one()
            for name in names
        }


async def run(engine, *statements: str, **values: object) -> None:
    async with engine.begin() as conn:
        for statement in statements:
            await conn.execute(text(statement), values)


async def remember(engine, key: str, age: str) -> None:
    await run(
        engine,
        "INSERT INTO idempotency_keys (user_id, key, request, status, body, created_at) "
        f"VALUES ('ann', :key, 'x', 200, '{{}}', now() - interval '{age}')",
        key=key,
    )


async def test_old_keys_and_sent_messages_go_and_young_ones_stay(engine) -> None:
    await opened_in(engine, RunKind.PRODUCTION)
    await remember(engine, "old", "49 hours")
    await remember(engine, "young", "47 hours")
    await run(
        engine,
        "UPDATE outbox SET published_at = now() - interval '8 days' "
        "WHERE id = (SELECT min(id) FROM outbox)",
    )
    before = await counts(engine)

    gone = await Housekeeping(engine).tidy()

    after = await counts(engine)
    assert gone == 2
    assert after["idempotency_keys"] == before["idempotency_keys"] - 1
    assert after["outbox"] == before["outbox"] - 1
    assert {name: after[name] for name in ("video_projects", "runs", "tasks")} == {
        name: before[name] for name in ("video_projects", "runs", "tasks")
    }


async def test_a_project_deleted_a_week_ago_goes_with_all_that_is_its_own(engine) -> None:
    doomed, kept = [(await opened_in(engine, RunKind.PRODUCTION)).project.id for _ in range(2)]
    await run(
        engine,
        "UPDATE video_projects SET deleted_at = now() - interval '7 days 1 hour' WHERE id = :id",
        id=doomed,
    )
    before = await counts(engine)

    await Housekeeping(engine).tidy()

    after = await counts(engine)
    assert await ids(engine) == [kept]
    assert {name: after[name] * 2 for name in ("runs", "tasks", "project_events")} == {
        name: before[name] for name in ("runs", "tasks", "project_events")
    }


async def test_dead_letters_of_ninety_days_go_and_younger_ones_stay(engine) -> None:
    for queue, age in (("old", "91 days"), ("young", "89 days")):
        await run(
            engine,
            "INSERT INTO dead_letters (queue, reason, body, received_at) "
            f"VALUES (:queue, 'rejected', '', now() - interval '{age}')",
            queue=queue,
        )

    await Housekeeping(engine).tidy()

    async with engine.connect() as conn:
        left = (await conn.execute(select(tables.dead_letters.c.queue))).scalars().all()
    assert left == ["young"]


async def test_the_log_of_what_nobody_touched_for_half_a_year_goes_unless_it_is_at_work(
    engine,
) -> None:
    old, young, busy = [(await opened_in(engine, RunKind.PRODUCTION)).project.id for _ in range(3)]
    for project, days, status in (
        (old, 181, "EDITING"), (young, 179, "EDITING"), (busy, 181, "GENERATING_AUDIO"),
    ):  # fmt: skip
        await run(
            engine,
            "UPDATE video_projects SET status = :status, "
            "touched_at = now() - make_interval(days => :days) WHERE id = :id",
            id=project, days=days, status=status,
        )  # fmt: skip

    await Housekeeping(engine).tidy()

    async with engine.connect() as conn:
        logged = await conn.execute(select(tables.project_events.c.project_id).distinct())
        assert set(logged.scalars()) == {young, busy}
    assert set(await ids(engine)) == {old, young, busy}, "the projects themselves stay"


async def ids(engine) -> list[UUID]:
    async with engine.connect() as conn:
        return list((await conn.execute(select(tables.projects.c.id))).scalars())


async def test_only_one_process_tidies_at_a_time(engine) -> None:
    await remember(engine, "old", "49 hours")
    async with engine.begin() as conn:
        await conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": 7305_2290_1167})

        assert await Housekeeping(engine).tidy() == 0

    assert await Housekeeping(engine).tidy() == 1
