"""How the projector takes facts in: what it tells of them, and a database that goes away."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs
from support.building import progressed, result, task_of
from support.stored import opened_in
from support.waiting import eventually

from projector import batch
from projector.batch import Written
from projector.intake import PART, Applied, Intake
from shared.messages.facts import Fact, batch_of
from shared.messaging.publisher import Publisher
from shared.messaging.topology import FACTS, FACTS_QUEUE
from shared.runtime.service import supervised
from shared.state import RunKind, TaskState
from shared.store import aggregate, tables
from shared.store.engine import is_away, store_engine

pytestmark = pytest.mark.timeout(60)


async def test_a_relay_is_told_of_what_is_posted_and_pages_of_all_else_too(
    engine, rabbitmq_url: str
) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    voice = task_of(now.run, "voice")
    told: list[bool] = []

    def applied(written: Written) -> None:
        assert [change.project_id for change in written.changes] == [now.project.id]
        told.append(written.posted)

    async with consuming(rabbitmq_url, engine, applied) as (said, _):
        await said([progressed(now.project, now.run, voice, 40, seq=2)])
        await eventually(lambda: told == [False])
        await said([result(now.project, now.run, voice, seq=3)])
        await eventually(lambda: told == [False, True])


async def test_a_connection_lost_while_reading_counts_as_away_and_is_not_used_again(
    engine, database_url: str
) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    voice = task_of(now.run, "voice")
    fact = result(now.project, now.run, voice)
    ours = store_engine(database_url, pool=1, application="lost", trusted_s=60)
    async with engine.connect() as other:
        await other.execute(text("LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE"))
        applying = asyncio.create_task(batch.apply(ours, [fact]))
        await eventually(lambda: _ended(engine))

        with pytest.raises(Exception) as lost:  # noqa: PT011  (what it is, is_away knows)
            await applying
        assert is_away(lost.value)

    await batch.apply(ours, [fact])

    async with engine.connect() as conn:
        state = select(tables.tasks.c.state).where(tables.tasks.c.id == voice.id)
        assert (await conn.execute(state)).scalar_one() == "done"
    await ours.dispose()


async def test_a_part_that_waits_for_a_lock_holds_no_other_back_and_keeps_all_unacked(
    engine, rabbitmq_url: str
) -> None:
    stuck, *others = [await opened_in(engine, RunKind.PRODUCTION) for _ in range(5)]
    facts = [result(one.project, one.run, task_of(one.run, "voice")) for one in (stuck, *others)]
    told: list[UUID] = []

    def applied(written: Written) -> None:
        assert written.posted
        told.extend(change.project_id for change in written.changes)

    async with engine.begin() as holding:
        await aggregate.lock(holding, [stuck.project.id])
        async with consuming(rabbitmq_url, engine, applied, part=1) as (said, _):
            await said(facts)
            await eventually(lambda: len(told) == 4)
        assert sorted(told) == sorted(one.project.id for one in others)

    async with consuming(rabbitmq_url, engine, lambda _: None):
        await eventually(lambda: _voice_done(engine, stuck))


@pytest.mark.parametrize("part", [2, 100], ids=["another part", "the same part"])
async def test_a_result_that_can_not_be_stored_fails_its_task_and_repeats_no_other(
    engine, rabbitmq_url: str, part: int
) -> None:
    now, other = [await opened_in(engine, RunKind.SCRIPT) for _ in range(2)]
    alive = progressed(now.project, now.run, now.run.tasks[0], 10, seq=1)
    bad = result(now.project, now.run, now.run.tasks[0], seq=2)
    bad = bad.model_copy(update={"script": bad.script.model_copy(update={"title": "caf\0"})})
    good = result(other.project, other.run, other.run.tasks[0])
    told: list[UUID] = []

    def applied(written: Written) -> None:
        told.extend(change.project_id for change in written.changes)

    with capture_logs():  # to draw its tracebacks takes seconds
        async with consuming(rabbitmq_url, engine, applied, part=part) as (said, _):
            await said([alive, bad, good])
            await eventually(lambda: {*told} == {now.project.id, other.project.id})

    assert told.count(other.project.id) == 1
    assert await _buried(engine) == [batch_of([bad])]
    async with engine.connect() as conn:
        found = await aggregate.load(conn, [now.project.id, other.project.id])
    assert found[now.project.id].project.error.code == "internal"
    assert found[other.project.id].project.script_ready


async def test_what_waits_behind_a_batch_that_was_held_is_known_to_be_late(
    engine, rabbitmq_url: str
) -> None:
    """Otherwise the watchdog would judge tasks whose last words lie here."""
    first, second = [await opened_in(engine, RunKind.PRODUCTION) for _ in range(2)]
    told: list[Written] = []
    async with (
        engine.connect() as one,
        engine.connect() as two,
        consuming(rabbitmq_url, engine, told.append) as (said, intake),
    ):
        await aggregate.lock(one, [first.project.id])
        await aggregate.lock(two, [second.project.id])
        await said([result(first.project, first.run, task_of(first.run, "voice"))])
        await eventually(lambda: _waiting_for_a_lock(engine))
        gathered = time.monotonic()
        await said([result(second.project, second.run, task_of(second.run, "voice"))])
        async with Publisher(rabbitmq_url, name="looks") as looks:
            await eventually(lambda: _all_delivered(looks))

        await one.rollback()
        await eventually(lambda: told)
        await eventually(lambda: _waiting_for_a_lock(engine))

        waited = time.monotonic() - gathered
        assert intake.behind_s >= waited
        await two.rollback()
        await eventually(lambda: intake.behind_s == 0)


async def test_what_was_remembered_is_forgotten_when_the_database_was_away(engine) -> None:
    """It may come back as it was some moments ago, and give a version twice."""
    intake = Intake("amqp://nobody", engine, applied=lambda _: None)
    remembered = intake._memory
    gone: list[Exception] = [ConnectionRefusedError()]

    async def applied() -> Written:
        if gone:
            raise gone.pop()
        return Written([], posted=False)

    await intake._held(applied)

    assert intake._memory is not remembered


Said = Callable[[Sequence[Fact]], Awaitable[None]]


@asynccontextmanager
async def consuming(
    rabbitmq_url: str, engine, applied: Applied, part: int = PART
) -> AsyncIterator[tuple[Said, Intake]]:
    """An intake at work, and how to say something to it."""
    async with Publisher(rabbitmq_url, name="tests") as publisher:

        async def said(facts: Sequence[Fact]) -> None:
            await publisher.publish(
                FACTS, FACTS_QUEUE, batch_of(facts), kind="facts.v1", message_id=str(uuid4())
            )

        intake = Intake(rabbitmq_url, engine, applied=applied, part=part)
        running = asyncio.create_task(supervised("intake", intake.run, asyncio.Event()))
        try:
            yield said, intake
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def _voice_done(engine, now) -> bool:
    async with engine.connect() as conn:
        found = await aggregate.load(conn, [now.project.id])
    return task_of(found[now.project.id].run, "voice").state is TaskState.DONE


async def _waiting_for_a_lock(engine) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    async with engine.connect() as conn:
        return (await conn.execute(text(query))).scalar() == 1


async def _all_delivered(publisher: Publisher) -> bool:
    return (await publisher.depth(FACTS_QUEUE))[0] == 0


async def _buried(engine) -> Sequence[bytes]:
    async with engine.connect() as conn:
        return (await conn.execute(select(tables.dead_letters.c.body))).scalars().all()


async def _ended(engine) -> bool:
    """Whether the connection that waits for the tasks has been cut off."""
    query = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'lost' AND wait_event_type = 'Lock'
    """
    async with engine.connect() as conn:
        return bool((await conn.execute(text(query))).scalar())
