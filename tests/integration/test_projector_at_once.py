"""Facts of remembered projects: one statement, which holds only if they stand as they did."""

import asyncio
import copy
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from support.asked import asked_of
from support.building import progressed, result, started
from support.stored import opened_in
from support.waiting import eventually

from projector import batch
from projector.memory import DOUBT_S, Memory
from shared import pipeline
from shared.pipeline import closed
from shared.state import ProjectStatus, RunKind, RunState, TaskState
from shared.store import aggregate, tables
from shared.store.aggregate import Held
from shared.store.dispatch import commit_outcomes, commit_standing
from shared.store.engine import store_engine
from shared.store.recordset import Statement, send_provided


class Clock:
    """Monotonic seconds, moved by the test."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def stored(engine, project_id):
    async with engine.connect() as conn:
        return (await aggregate.load(conn, [project_id]))[project_id]


async def remembered(engine, memory: Memory, *, scenes: int = 1):
    """A production whose voices have begun, with its first voice task."""
    now = await opened_in(engine, RunKind.PRODUCTION, scenes=scenes)
    [task, *_] = [task for task in now.run.tasks if task.stage == "voice"]
    await batch.apply(engine, [started(now.project, now.run, task)], memory=memory)
    return now, task


async def cancelled(conn, project_id) -> None:
    held = (await aggregate.load(conn, await aggregate.lock(conn, [project_id])))[project_id]
    at = await aggregate.now(conn)
    await commit_outcomes(
        conn, [(held, closed(held.project, held.run, RunState.CANCELLED, now=at))], now=at
    )


async def waits_for_a_lock(engine) -> bool:
    query = """
        SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'at once' AND wait_event_type = 'Lock'
    """
    async with engine.connect() as conn:
        return bool((await conn.execute(text(query))).scalar())


@pytest.fixture
async def ours(database_url: str):
    engine = store_engine(database_url, pool=1, application="at once", trusted_s=60)
    yield engine
    await engine.dispose()


def locks(asked) -> list[str]:
    return [said for said, _ in asked if "FOR NO KEY UPDATE" in said and "UPDATE tasks" not in said]


async def test_what_follows_from_a_result_is_written_and_sent_in_one_statement(engine) -> None:
    memory = Memory()
    now, task = await remembered(engine, memory)

    with asked_of(engine) as asked:
        written = await batch.apply(
            engine, [result(now.project, now.run, task, seq=2)], memory=memory
        )

    assert len([said for said, _ in asked if "video_projects" in said or "BEGIN" in said]) == 1
    assert written.posted
    after = await stored(engine, now.project.id)
    states = {t.stage: t.state for t in after.run.tasks}
    assert (states["voice"], states["clip"]) == (TaskState.DONE, TaskState.DISPATCHED)
    async with engine.connect() as conn:
        sent = (await conn.execute(select(tables.outbox.c.type).order_by("id"))).scalars().all()
        told = (await conn.execute(select(tables.project_events.c.type))).scalars().all()
    assert sent[-1] == "clip.render.v1"
    assert told.count("task.dispatched") == 2


async def test_a_whole_production_goes_from_statement_to_statement(engine) -> None:
    memory = Memory()
    now, _ = await remembered(engine, memory, scenes=2)

    while (current := await stored(engine, now.project.id)).run.state is RunState.ACTIVE:
        due = [t for t in current.run.tasks if t.state in {TaskState.DISPATCHED, TaskState.RUNNING}]
        facts = [result(current.project, current.run, t, seq=9) for t in due]
        with asked_of(engine) as asked:
            await batch.apply(engine, facts, memory=memory)
        assert locks(asked) == []

    assert current.project.status is ProjectStatus.EDITING
    assert current.project.video is not None
    async with engine.connect() as conn:
        last = select(tables.project_events.c.at).order_by(tables.project_events.c.id.desc())
        assert (await conn.execute(last.limit(1))).scalar_one() == current.project.completed_at


async def test_a_cancel_that_commits_while_the_statement_waits_stands(engine, ours) -> None:
    memory = Memory()
    now, task = await remembered(engine, memory)
    async with engine.begin() as conn:
        await cancelled(conn, now.project.id)
        fact = result(now.project, now.run, task, seq=9)
        applying = asyncio.create_task(batch.apply(ours, [fact], memory=memory))
        await eventually(lambda: waits_for_a_lock(engine))

    assert not (await applying).posted

    after = await stored(engine, now.project.id)
    assert after.run.state is RunState.CANCELLED
    assert {t.state for t in after.run.tasks} == {TaskState.DROPPED}
    async with engine.connect() as conn:
        note = select(tables.tasks.c.after_close).where(tables.tasks.c.id == task.id)
        assert (await conn.execute(note)).scalar_one()["outcome"] == "finished_anyway"


async def test_who_only_held_the_project_or_gave_up_is_waited_for(engine, ours) -> None:
    memory = Memory()
    now, task = await remembered(engine, memory)
    project = tables.projects.c.id == now.project.id
    before = (await stored(engine, now.project.id)).project.version
    for percent, gives_up in ((30, False), (60, True)):
        async with engine.connect() as conn:
            await conn.execute(
                tables.projects.update().where(project).values(touched_at=func.now())
            )
            fact = progressed(now.project, now.run, task, percent, seq=percent)
            with asked_of(ours) as asked:
                applying = asyncio.create_task(batch.apply(ours, [fact], memory=memory))
                await eventually(lambda: waits_for_a_lock(engine))
                await (conn.rollback() if gives_up else conn.commit())
                await applying
        assert locks(asked) == []

    after = await stored(engine, now.project.id)
    [voice] = [t for t in after.run.tasks if t.id == task.id]
    assert voice.percent == 60
    assert after.project.version == before + 2


async def test_of_several_projects_one_that_has_changed_is_enough_to_look_again(engine) -> None:
    memory = Memory()
    places = [await remembered(engine, memory) for _ in range(3)]
    async with engine.begin() as conn:
        await cancelled(conn, places[1][0].project.id)

    facts = [progressed(now.project, now.run, task, 40, seq=2) for now, task in places]
    written = await batch.apply(engine, facts, memory=memory)

    afters = [await stored(engine, now.project.id) for now, _ in places]
    assert [after.run.tasks[0].percent for after in afters] == [40, 0, 40]
    assert {c.project_id for c in written.changes} == {
        places[0][0].project.id,
        places[2][0].project.id,
    }


async def test_after_two_surprises_projects_are_locked_first_for_a_while(engine) -> None:
    """Where other projectors write the same projects, each try would be in vain."""
    clock = Clock()
    memory = Memory(clock=clock)
    now, task = await remembered(engine, memory)
    ways: list[str] = []

    for seq, later, elsewhere in (
        (2, 0.0, True),
        (3, 0.0, False),  # one surprise, as a user brings about, is nothing
        (4, 0.0, True),
        (5, DOUBT_S / 2, False),
        (6, DOUBT_S / 2, False),
    ):
        clock.now += later
        if elsewhere:
            await written_elsewhere(engine)
        with asked_of(engine) as asked:
            fact = progressed(now.project, now.run, task, 10 * seq, seq=seq)
            await batch.apply(engine, [fact], memory=memory)
        tried = any("cardinality" in said for said, _ in asked)
        ways.append(("tried, " if tried else "") + ("locked" if locks(asked) else "at once"))

    assert ways == [
        "tried, locked", "tried, at once", "tried, locked", "locked", "tried, at once",
    ]  # fmt: skip
    assert (await stored(engine, now.project.id)).run.tasks[0].percent == 60


async def written_elsewhere(engine) -> None:
    async with engine.begin() as conn:
        await conn.execute(tables.projects.update().values(version=tables.projects.c.version + 1))


async def test_a_fact_is_dated_by_the_databases_clock_and_not_by_ours(engine) -> None:
    """What has passed here counts for moments: more is a pause, or a clock that was set."""
    clock = Clock()
    memory = Memory(clock=clock)
    now, task = await remembered(engine, memory)
    began = (await stored(engine, now.project.id)).run.tasks[0].started_at
    seen: list[tuple[bool, bool]] = []

    for seq, passed in ((2, 1.0), (3, 60.0), (4, 0.0), (5, -60.0)):
        clock.now += passed
        with asked_of(engine) as asked:
            fact = progressed(now.project, now.run, task, 10 * seq, seq=seq)
            await batch.apply(engine, [fact], memory=memory)
        at = (await stored(engine, now.project.id)).run.tasks[0].last_seen_at
        seen.append((bool(locks(asked)), timedelta(0) <= at - began < timedelta(seconds=20)))

    assert seen == [(False, True), (True, True), (False, True), (True, True)]


async def test_facts_whose_answer_was_lost_are_applied_once(engine) -> None:
    """The statement was committed, and this process never heard of it: it says the same again."""
    memory = Memory()
    now, task = await remembered(engine, memory)
    unaware = copy.deepcopy(memory)
    fact = result(now.project, now.run, task, seq=2)

    await batch.apply(engine, [fact], memory=memory)
    once = await written(engine)
    await batch.apply(engine, [fact], memory=unaware)

    assert await written(engine) == once
    assert (await stored(engine, now.project.id)).run.tasks[0].state is TaskState.DONE


async def written(engine) -> list[int]:
    kept = (tables.outbox, tables.project_events, tables.stage_timings)
    async with engine.connect() as conn:
        return [
            (await conn.execute(select(func.count()).select_from(table))).scalar_one()
            for table in kept
        ]


async def test_a_run_that_has_ended_is_remembered_no_more(engine) -> None:
    memory = Memory()
    now = await opened_in(engine, RunKind.SCRIPT)
    [task] = now.run.tasks
    await batch.apply(engine, [started(now.project, now.run, task)], memory=memory)
    assert memory.all_of({now.project.id: {now.run.id}})

    await batch.apply(engine, [result(now.project, now.run, task, seq=2)], memory=memory)

    assert not memory.all_of({now.project.id: {now.run.id}})


async def test_what_can_not_be_made_to_depend_is_not_sent(engine) -> None:
    async with engine.connect() as conn:
        with pytest.raises(ValueError, match="depend"):
            await send_provided(
                conn, Statement("SELECT true AS holds", {}), [Statement("SELECT 1", {})], "holds"
            )


async def test_no_run_is_opened_without_the_lock_of_its_project(engine) -> None:
    opened = await opened_in(engine, RunKind.SCRIPT)
    held = Held(project=opened.project, runs={}, deleted=False)
    async with engine.connect() as conn:
        at = await aggregate.now(conn)
        outcome = pipeline.advanced(opened.project, opened.run, at)
        with pytest.raises(ValueError, match="without the lock"):
            await commit_standing(conn, [(held, outcome)], now=at)
