"""The projector's transactions against a real database, its intake over a real broker."""

import asyncio
import json
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from support.building import failed, progressed, result, started, task_of
from support.proxy import proxied
from support.stored import count, opened_in
from support.waiting import eventually

from projector import batch
from projector.intake import Intake
from projector.reading import Bad, parsed
from projector.watchdog import Limits, Watchdog
from shared.errors import NotStoredError
from shared.messages.facts import FactBatch, Note
from shared.messaging.topology import FACTS_QUEUE
from shared.pipeline import closed
from shared.runtime.service import supervised
from shared.state import ProjectStatus, RunKind, RunState, TaskState
from shared.store import aggregate, tables
from shared.store.dispatch import commit_outcomes


async def held(engine, project_id):
    async with engine.connect() as conn:
        return (await aggregate.load(conn, [project_id]))[project_id]


async def test_applying_a_batch_again_changes_nothing(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    voices = [result(now.project, now.run, t) for t in now.run.tasks if t.stage == "voice"]
    await batch.apply(engine, voices)
    before = await held(engine, now.project.id)
    commands = await count(engine, tables.outbox)

    await batch.apply(engine, voices)

    after = await held(engine, now.project.id)
    assert after.run.tasks == before.run.tasks
    assert after.project == before.project
    assert await count(engine, tables.outbox) == commands


async def test_two_projectors_with_a_last_scene_each_order_the_assembly_once(engine) -> None:
    for _ in range(15):
        now = await opened_in(engine, RunKind.PRODUCTION, scenes=2)
        await batch.apply(engine, [result(now.project, now.run, t) for t in now.run.tasks[:3:2]])
        ready = await held(engine, now.project.id)
        clips = [result(ready.project, ready.run, t) for t in ready.run.tasks if t.stage == "clip"]

        await asyncio.gather(*(batch.apply(engine, [clip]) for clip in clips))

        after = await held(engine, now.project.id)
        assert after.run.tasks[-1].state is TaskState.DISPATCHED
        orders = (tables.outbox.c.type == "video.assemble.v1", tables.outbox.c.run_id == now.run.id)
        assert await count(engine, tables.outbox, *orders) == 1


async def test_a_batch_that_fails_leaves_neither_state_nor_commands(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    commands = await count(engine, tables.outbox)
    fact = result(now.project, now.run, task_of(now.run, "voice"))
    poison = progressed(now.project, now.run, task_of(now.run, "voice", 1), 5)
    poison = poison.model_copy(update={"note": Note(code="a NUL \x00 can't be stored")})

    with pytest.raises(Exception, match="Unicode"):
        await batch.apply(engine, [fact, poison])

    assert (await held(engine, now.project.id)).run.tasks == now.run.tasks
    assert await count(engine, tables.outbox) == commands


async def test_only_the_end_of_a_run_moves_its_project_in_the_lists(engine) -> None:
    ending, going = [await opened_in(engine, RunKind.SCRIPT) for _ in range(2)]
    times = select(tables.projects.c.id, tables.projects.c.touched_at, tables.projects.c.version)
    async with engine.connect() as conn:
        before = {row.id: row for row in await conn.execute(times)}

    await batch.apply(
        engine,
        [
            result(ending.project, ending.run, ending.run.tasks[0]),
            progressed(going.project, going.run, going.run.tasks[0], 40),
        ],
    )

    async with engine.connect() as conn:
        after = {row.id: row for row in await conn.execute(times)}
    assert after[ending.project.id].touched_at > before[ending.project.id].touched_at
    assert after[going.project.id].touched_at == before[going.project.id].touched_at
    assert after[going.project.id].version == before[going.project.id].version + 1


async def test_a_fact_that_names_another_user_changes_nothing(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    fact = result(now.project, now.run, task_of(now.run, "voice"))
    forged = fact.model_copy(update={"meta": fact.meta.model_copy(update={"user_id": "eve"})})

    await batch.apply(engine, [forged])

    assert (await held(engine, now.project.id)).run.tasks == now.run.tasks


async def test_a_fact_of_a_project_that_is_gone_is_dropped(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    fact = result(now.project, now.run, task_of(now.run, "voice"))
    gone = fact.model_copy(update={"meta": fact.meta.model_copy(update={"project_id": uuid4()})})

    assert await batch.apply(engine, [gone]) == ([], False)


async def test_a_result_after_the_cancel_is_a_note_and_changes_no_status(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    voice = task_of(now.run, "voice")
    async with engine.begin() as conn:
        locked = (await aggregate.load(conn, await aggregate.lock(conn, [now.project.id])))[
            now.project.id
        ]
        clock = await aggregate.now(conn)
        outcome = closed(locked.project, locked.run, RunState.CANCELLED, now=clock)
        await commit_outcomes(conn, [(locked, outcome)], now=clock)

    await batch.apply(engine, [result(now.project, now.run, voice)])

    after = await held(engine, now.project.id)
    assert after.project.status is ProjectStatus.DRAFT
    assert task_of(after.run, "voice").state is TaskState.DROPPED
    async with engine.connect() as conn:
        query = select(tables.tasks.c.after_close).where(tables.tasks.c.id == voice.id)
        assert (await conn.execute(query)).scalar_one()["outcome"] == "finished_anyway"


async def test_a_late_sign_of_life_hides_no_outcome(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    voice = task_of(now.run, "voice")
    async with engine.begin() as conn:
        ids = await aggregate.lock(conn, [now.project.id])
        locked = (await aggregate.load(conn, ids))[now.project.id]
        clock = await aggregate.now(conn)
        outcome = closed(locked.project, locked.run, RunState.CANCELLED, now=clock)
        await commit_outcomes(conn, [(locked, outcome)], now=clock)
    stopped = failed(now.project, now.run, voice, code="run_cancelled", retryable=False)
    paid = stopped.model_copy(update={"charge": "charged", "cost": {"videos": 1.0}})
    alive = started(now.project, now.run, voice)

    await batch.apply(engine, [alive, paid, alive])
    await batch.apply(engine, [alive])

    async with engine.connect() as conn:
        query = select(tables.tasks.c.after_close).where(tables.tasks.c.id == voice.id)
        note = (await conn.execute(query)).scalar_one()
    assert (note["outcome"], note["charge"], note["cost"]) == ("stopped", "charged", {"videos": 1})


async def test_a_bad_item_is_buried_and_its_neighbours_are_applied(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    good = result(now.project, now.run, task_of(now.run, "voice"))
    items = [{"type": "voice.sung.v7"}, good.model_dump(mode="json"), {"type": "task.failed.v1"}]
    body = json.dumps({"type": "facts.v1", "facts": items}).encode()

    facts, bad = parsed(body, FACTS_QUEUE)
    await batch.apply(engine, facts, bad)

    assert task_of((await held(engine, now.project.id)).run, "voice").state is TaskState.DONE
    assert await count(engine, tables.dead_letters) == 2


async def test_what_is_buried_may_hold_anything(engine) -> None:
    odd = Bad(
        body=b"\x00\xff",
        reason="NUL \x00 and \ud800",
        queue=FACTS_QUEUE,
        type="x\x00" * 60,
        headers={"a\x00": b"\xff", "n": 1},
    )

    await batch.apply(engine, [], [odd])

    assert await count(engine, tables.dead_letters) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b"{}", b'{"facts": []}', b'{"facts": [1]}', b"[" * 5_000],
    ids=["empty", "no text", "a list", "no facts", "none", "a number", "nested too deep"],
)
def test_a_body_that_is_no_batch_is_bad_as_a_whole(body: bytes) -> None:
    facts, bad = parsed(body, FACTS_QUEUE)

    assert facts == []
    assert [item.body for item in bad] == [body]


async def test_the_sweep_sends_a_retry_when_its_time_has_come(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    voice = task_of(now.run, "voice")
    await batch.apply(engine, [failed(now.project, now.run, voice, dispatch=voice.dispatch)])
    watchdog = Watchdog(engine, _empty)
    assert await watchdog.sweep() == [], "ten seconds are not over"
    waiting = task_of((await held(engine, now.project.id)).run, "voice")
    async with engine.begin() as conn:
        due = tables.tasks.update().where(tables.tasks.c.id == voice.id)
        await conn.execute(due.values(not_before=func.now()))

    assert len(await watchdog.sweep()) == 1

    sent = task_of((await held(engine, now.project.id)).run, "voice")
    assert (waiting.state, sent.state) == (TaskState.READY, TaskState.DISPATCHED)
    assert sent.attempt == 2
    assert sent.dispatch > voice.dispatch


async def test_silent_work_is_sent_again_by_the_sweep(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    voice = task_of(now.run, "voice")
    await batch.apply(engine, [started(now.project, now.run, voice, dispatch=voice.dispatch)])

    await Watchdog(engine, _empty, Limits(silent=timedelta(seconds=-1))).sweep()

    again = task_of((await held(engine, now.project.id)).run, "voice")
    assert (again.state, again.attempt) == (TaskState.DISPATCHED, 2)


@pytest.mark.parametrize(
    ("current", "waiting"),
    [
        pytest.param(False, 0, id="facts may be on their way"),
        pytest.param(True, 7, id="facts wait in the broker"),
        pytest.param(True, None, id="the broker is away"),
    ],
)
async def test_nobody_is_judged_for_silence_while_facts_are_not_in_but_retries_go_on(
    engine, *, current: bool, waiting: int | None
) -> None:
    silent, retrying = [await opened_in(engine, RunKind.PRODUCTION) for _ in range(2)]
    voice = task_of(silent.run, "voice")
    await batch.apply(engine, [started(silent.project, silent.run, voice, dispatch=voice.dispatch)])
    other = task_of(retrying.run, "voice")
    fact = failed(retrying.project, retrying.run, other, dispatch=other.dispatch)
    await batch.apply(engine, [fact])
    async with engine.begin() as conn:
        due = tables.tasks.update().where(tables.tasks.c.id == other.id)
        await conn.execute(due.values(not_before=func.now()))

    async def depth(_: str) -> tuple[int, int]:
        if waiting is None:
            raise NotStoredError("no connection to the broker")
        return waiting, 1

    limits = Limits(silent=timedelta(seconds=-1), unheard=timedelta(seconds=-1))
    watchdog = Watchdog(engine, depth, limits, current=lambda: current)
    swept, resent = await watchdog.sweep(), await watchdog.resend()

    assert [change.project_id for change in swept] == [retrying.project.id]
    assert resent == []
    assert task_of((await held(engine, silent.project.id)).run, "voice").state == "running"


async def test_a_cut_link_is_no_lag_and_the_time_of_consuming_begins_anew(
    engine, rabbitmq_url: str
) -> None:
    address = urlsplit(rabbitmq_url)
    async with proxied(address.hostname or "", address.port or 5672) as proxy:
        through = rabbitmq_url.replace(f":{address.port}", f":{proxy.port}")
        intake = Intake(through, engine, applied=lambda _: None)
        running = asyncio.create_task(supervised("intake", intake.run, asyncio.Event()))
        await eventually(lambda: intake.consuming_s > 0.3)

        proxy.cut()

        await eventually(lambda: intake.consuming_s == 0)
        await eventually(lambda: intake.consuming_s > 0)
        assert intake.behind_s == 0
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_command_that_vanished_from_its_queue_goes_out_again(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    voice = task_of(now.run, "voice")
    async with engine.begin() as conn:
        await conn.execute(tables.outbox.update().values(published_at=func.now()))
    limits = Limits(unheard=timedelta(seconds=-1))

    assert await Watchdog(engine, _full, limits).resend() == [], "it still waits in its queue"
    assert len(await Watchdog(engine, _empty, limits).resend()) == 1

    again = task_of((await held(engine, now.project.id)).run, "voice")
    assert (again.dispatch, again.attempt) == (voice.dispatch + 1, 1)


async def test_a_command_that_vanished_goes_out_again_though_its_stage_is_never_idle(
    engine,
) -> None:
    busy = await opened_in(engine, RunKind.PRODUCTION)
    await batch.apply(engine, [started(busy.project, busy.run, task_of(busy.run, "voice", 0))])
    lost = await opened_in(engine, RunKind.PRODUCTION)
    watchdog = Watchdog(engine, _empty, Limits(unheard=timedelta(minutes=1)))

    async def resent_after(minutes: int) -> set[UUID]:
        published = func.now() - timedelta(minutes=minutes)
        async with engine.begin() as conn:
            await conn.execute(tables.outbox.update().values(published_at=published))
        return {change.project_id for change in await watchdog.resend()}

    assert await resent_after(9) == await resent_after(9) == set()
    assert await resent_after(11) == set(), "it may have been taken just now"
    assert lost.project.id in await resent_after(11)


async def test_results_teach_the_estimates_how_long_things_take(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)

    await batch.apply(engine, [result(now.project, now.run, task_of(now.run, "voice"))])

    async with engine.connect() as conn:
        rows = (await conn.execute(text("SELECT stage, work_ms FROM stage_timings"))).all()
    assert [tuple(row) for row in rows] == [("voice", 1_200)]


def test_a_batch_message_holds_at_least_one_fact() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        FactBatch(facts=())


async def _empty(queue: str) -> tuple[int, int]:
    return 0, 1


async def _full(queue: str) -> tuple[int, int]:
    return 3, 1
