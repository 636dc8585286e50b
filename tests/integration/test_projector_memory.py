"""What a projector remembers between batches: what the database has, and never for longer."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from support.asked import asked_of
from support.building import failed, progressed, result, started
from support.stored import opened_in

from projector import batch
from projector.memory import IDLE_S, Memory
from projector.reading import Bad
from shared.lifecycle import decisive
from shared.pipeline import RUN_LIMIT, closed
from shared.state import ProjectStatus, RunKind, RunState, TaskState
from shared.store import aggregate, tables
from shared.store.dispatch import commit_outcomes


async def stored(engine, project_id, *, brief: bool = False):
    async with engine.connect() as conn:
        return (await aggregate.load(conn, [project_id], brief=brief))[project_id]


def remembered(memory: Memory, held):
    """What the memory would answer for the row as it is, without losing it."""
    project_id = held.project.id
    before, size = dict(memory._held), memory._size
    found = memory.known(
        {project_id: (held.project.version, held.deleted)},
        {project_id: [held.run.id]},
        [project_id],
    )
    memory._held.update(before)
    memory._size = size
    return found.get(project_id)


@pytest.mark.parametrize("crowded", [False, True])
async def test_what_is_remembered_is_what_stands_in_the_database_at_every_step(
    engine, *, crowded: bool
) -> None:
    """In a crowd, progress is applied and remembered without the project's texts."""
    now, other = [await opened_in(engine, RunKind.PRODUCTION, scenes=2) for _ in range(2)]
    project_id, steps = now.project.id, 0

    while (current := await stored(engine, project_id)).run.state is RunState.ACTIVE:
        memory = Memory(most=100 if crowded else 1_000)  # kB; either project takes 80 in full
        elsewhere = (other.project, other.run, other.run.tasks[0])
        await batch.apply(engine, [progressed(*elsewhere, 1 + steps)], memory=memory)
        [task, *_] = [t for t in current.run.tasks if t.state is TaskState.DISPATCHED]
        place = (current.project, current.run, task)
        for fact in (started(*place), progressed(*place, 40, seq=2), result(*place, seq=3)):
            await batch.apply(engine, [fact], memory=memory)
            after = await stored(engine, project_id, brief=crowded and not decisive(fact))
            kept = remembered(memory, after)
            assert kept == (after if after.run.state is RunState.ACTIVE else None)
            await batch.apply(engine, [fact], memory=memory)  # known again
            steps += 1

    assert steps == 3 * 5
    assert (await stored(engine, project_id)).project.status is ProjectStatus.EDITING


async def test_progress_in_a_crowd_still_ends_a_run_whose_time_is_over(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION, scenes=2)
    place = (now.project, now.run, now.run.tasks[0])
    memory = Memory(most=0)
    await batch.apply(engine, [started(*place)], memory=memory)
    async with engine.begin() as conn:
        long_ago = func.now() - RUN_LIMIT - timedelta(seconds=1)
        await conn.execute(tables.runs.update().values(first_started_at=long_ago))

    await batch.apply(engine, [progressed(*place, 40, seq=2)], memory=memory)

    after = await stored(engine, now.project.id)
    assert (after.run.state, after.run.error.code) == (RunState.FAILED, "run_timeout")
    assert after.run.script == now.run.script
    assert after.project.source == now.project.source


async def test_progress_in_a_crowd_sends_what_is_due_meanwhile(engine) -> None:
    """A retry of another task, say: its command needs the script."""
    now = await opened_in(engine, RunKind.PRODUCTION, scenes=2)
    first, second = [task for task in now.run.tasks if task.stage == "voice"]
    busy = failed(now.project, now.run, second, code="provider_busy", retryable=True)
    await batch.apply(engine, [busy])
    async with engine.begin() as conn:
        row = tables.tasks.update().where(tables.tasks.c.id == second.id)
        await conn.execute(row.values(not_before=func.now()))

    fact = progressed(now.project, now.run, first, 40, seq=2)
    await batch.apply(engine, [fact], memory=Memory(most=0))

    tasks = {task.id: task for task in (await stored(engine, now.project.id)).run.tasks}
    assert (tasks[first.id].percent, tasks[second.id].state) == (40, TaskState.DISPATCHED)


async def test_a_script_that_is_tried_again_in_a_crowd_is_written_from_its_source(engine) -> None:
    now = await opened_in(engine, RunKind.SCRIPT)
    [task] = now.run.tasks
    await batch.apply(engine, [failed(now.project, now.run, task, code="x", retryable=True)])
    async with engine.begin() as conn:
        await conn.execute(tables.tasks.update().values(not_before=func.now()))

    late = progressed(now.project, now.run, task, 40, seq=2)  # of the attempt that is over
    await batch.apply(engine, [late], memory=Memory(most=0))

    async with engine.connect() as conn:
        bodies = (await conn.execute(select(tables.outbox.c.body).order_by("id"))).scalars().all()
    assert [json.loads(body)["source"]["text"] for body in bodies] == ["海绵城市"] * 2


async def test_no_run_is_ended_by_who_read_its_project_in_brief(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    async with engine.begin() as conn:
        ids = await aggregate.lock(conn, [now.project.id])
        held = (await aggregate.load(conn, ids, brief=True))[now.project.id]
        at = await aggregate.now(conn)
        ended = closed(held.project, held.run, RunState.CANCELLED, now=at)
        with pytest.raises(ValueError, match="in brief"):
            await commit_outcomes(conn, [(held, ended)], now=at)

    assert (await stored(engine, now.project.id)).run.state is RunState.ACTIVE


async def test_who_was_silent_for_longest_is_remembered_without_texts_and_then_forgotten(
    engine,
) -> None:
    ids: list[UUID] = []
    memory = Memory(most=155)  # kB; each takes 48 in full, and 4 in brief
    while len(ids) < 5:
        now = await opened_in(engine, RunKind.PRODUCTION, scenes=1)
        await batch.apply(engine, [result(now.project, now.run, now.run.tasks[0])], (), memory)
        ids.append(now.project.id)

    held = {project_id: kept.held for project_id, kept in memory._held.items()}
    assert [held[project_id].brief for project_id in ids] == [True, True, False, False, False]
    for project_id in ids[:2]:
        assert held[project_id] == await stored(engine, project_id, brief=True)

    while len(memory._held) == len(ids):
        ids.append((await opened_in(engine, RunKind.PRODUCTION, scenes=1)).project.id)
        now = await stored(engine, ids[-1])
        await batch.apply(engine, [started(now.project, now.run, now.run.tasks[0])], (), memory)

    assert list(memory._held) == ids[1:]
    assert not memory._full
    assert memory._size <= 155


async def test_what_nothing_was_heard_of_for_long_is_forgotten(engine) -> None:
    quiet, busy = [await opened_in(engine, RunKind.PRODUCTION) for _ in range(2)]
    passed = [0.0]
    memory = Memory(clock=lambda: passed[0])
    await batch.apply(engine, [started(quiet.project, quiet.run, quiet.run.tasks[0])], (), memory)

    passed[0] = IDLE_S + 1
    await batch.apply(engine, [started(busy.project, busy.run, busy.run.tasks[0])], (), memory)

    assert list(memory._held) == [busy.project.id]


async def test_what_is_known_is_not_read_again(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    task, memory = now.run.tasks[0], Memory()
    await batch.apply(engine, [started(now.project, now.run, task)], memory=memory)
    fact = progressed(now.project, now.run, task, 40, seq=2)

    with asked_of(engine) as asked:
        await batch.apply(engine, [fact], memory=memory)

    assert any("UPDATE tasks" in one for one, _ in asked)
    assert not [one for one, _ in asked if one.startswith("SELECT") and "FROM tasks" in one]
    after = await stored(engine, now.project.id)
    assert after.run.tasks[0].percent == 40


async def test_what_another_process_wrote_meanwhile_is_not_missed(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    task, memory = now.run.tasks[0], Memory()
    await batch.apply(engine, [started(now.project, now.run, task)], memory=memory)
    async with engine.begin() as conn:  # a user cancels
        held = (await aggregate.load(conn, await aggregate.lock(conn, [now.project.id])))[
            now.project.id
        ]
        at = await aggregate.now(conn)
        ended = closed(held.project, held.run, RunState.CANCELLED, now=at)
        await commit_outcomes(conn, [(held, ended)], now=at)

    await batch.apply(engine, [result(now.project, now.run, task, seq=9)], memory=memory)

    after = await stored(engine, now.project.id)
    assert after.run.state is RunState.CANCELLED
    assert after.run.tasks[0].state is TaskState.DROPPED


async def test_two_projectors_with_memories_lose_none_of_each_others_facts(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION, scenes=4)
    voices = [task for task in now.run.tasks if task.stage == "voice"]
    memories = [Memory(), Memory()]

    for step in range(1, 10):
        facts = [progressed(now.project, now.run, task, 10 * step, seq=step) for task in voices]
        await asyncio.gather(
            batch.apply(engine, facts[:2], memory=memories[step % 2]),
            batch.apply(engine, facts[2:], memory=memories[1 - step % 2]),
        )

    after = await stored(engine, now.project.id)
    assert [task.percent for task in after.run.tasks if task.stage == "voice"] == [90.0] * 4


async def test_a_batch_that_could_not_be_committed_leaves_nothing_remembered(engine) -> None:
    now = await opened_in(engine, RunKind.PRODUCTION)
    task, memory = now.run.tasks[0], Memory()
    await batch.apply(engine, [started(now.project, now.run, task)], memory=memory)
    unstorable = Bad(body=b"x", reason="x", queue="q" * 200)  # longer than its column

    with pytest.raises(Exception, match="too long"):
        await batch.apply(
            engine,
            [progressed(now.project, now.run, task, 40, seq=2)],
            [unstorable],
            memory=memory,
        )

    assert remembered(memory, await stored(engine, now.project.id)) is None
