"""Lock, load, save against a real database."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from support.asked import asked_of
from support.building import NOW, progressed, result
from support.stored import opened_in

from projector.fold import folded
from shared import openings, pipeline
from shared.engines import Engines
from shared.state import Run, RunKind, TaskState
from shared.store import aggregate, collecting, tables
from shared.store.aggregate import Saved
from shared.store.dispatch import commit_outcomes, commit_standing
from shared.store.engine import try_lock


async def a_project_row(engine):
    project_id = uuid4()
    row = {"id": project_id, "user_id": "ann", "title": "T"}
    async with engine.begin() as conn:
        source = {"kind": "topic", "text": "海绵城市"}
        await conn.execute(tables.projects.insert().values(**row, source=source))
        return (await aggregate.load(conn, [project_id]))[project_id]


def a_run(held) -> Run:
    return openings.open_script(held.project, uuid4(), Engines(), again=True)


async def a_script_run(engine):
    project_id = (await opened_in(engine, RunKind.SCRIPT)).project.id
    async with engine.connect() as conn:
        return (await aggregate.load(conn, [project_id]))[project_id]


async def collector_may_begin(engine) -> bool:
    async with engine.begin() as conn:
        return await try_lock(conn, collecting.LOCK)


async def test_what_is_saved_is_what_is_loaded(engine) -> None:
    held = await a_project_row(engine)
    run = a_run(held)
    outcome = pipeline.advanced(openings.opened(held.project, run), run, NOW)

    async with engine.begin() as conn:
        [stored], _ = await commit_outcomes(conn, [(held, outcome)], now=NOW)

    async with engine.connect() as conn:
        again = (await aggregate.load(conn, [held.project.id]))[held.project.id]
    assert again.run is not None
    assert again.run.tasks == stored.run.tasks
    assert (again.project.status, again.project.message) == (
        stored.project.status,
        stored.project.message,
    )


async def test_a_first_run_is_opened_by_one_statement(engine) -> None:
    held = await a_project_row(engine)
    run = a_run(held)
    outcome = pipeline.advanced(openings.opened(held.project, run), run, NOW)

    with asked_of(engine) as asked:
        async with engine.begin() as conn:
            await commit_outcomes(conn, [(held, outcome)], now=NOW)

    [opening] = [said for said, _ in asked if "INSERT INTO" in said]
    assert "UPDATE video_projects" in opening


async def held_up(engine, held, outcome, commit=commit_outcomes) -> bool:
    """Whether the collector has to wait for the commit of this, and no longer."""
    async with engine.begin() as conn:
        before = await collector_may_begin(engine)
        await commit(conn, [(held, outcome)], now=await aggregate.now(conn))
        meanwhile = await collector_may_begin(engine)
    assert before
    assert await collector_may_begin(engine)
    return not meanwhile


async def test_nothing_is_collected_between_an_opening_and_its_commit(engine) -> None:
    held = await a_project_row(engine)
    run = a_run(held)

    assert await held_up(
        engine, held, pipeline.advanced(openings.opened(held.project, run), run, NOW)
    )


@pytest.mark.parametrize("commit", [commit_outcomes, commit_standing])
async def test_nothing_is_collected_between_a_dispatch_in_a_run_and_its_commit(
    engine, commit
) -> None:
    held = await a_script_run(engine)
    [task] = held.run.tasks
    due = replace(held.run, tasks=(replace(task, state=TaskState.READY),))

    assert await held_up(engine, held, pipeline.advanced(held.project, due, NOW), commit)


async def test_nothing_is_collected_between_a_run_that_follows_another_and_its_commit(
    engine,
) -> None:
    held = await a_script_run(engine)
    options = replace(held.project.options, auto_produce=True)
    held = replace(held, project=replace(held.project, options=options))
    written = folded(held.run, [result(held.project, held.run, held.run.tasks[0])], NOW)

    outcome = pipeline.advanced(held.project, written, NOW)

    assert outcome.then is not None
    assert await held_up(engine, held, outcome)


@pytest.mark.parametrize("commit", [commit_outcomes, commit_standing])
async def test_progress_holds_up_no_collector(engine, commit) -> None:
    held = await a_script_run(engine)
    told = progressed(held.project, held.run, held.run.tasks[0], 50, seq=2)

    outcome = pipeline.advanced(held.project, folded(held.run, [told], NOW), NOW)

    assert not await held_up(engine, held, outcome, commit)


async def test_the_database_refuses_a_second_active_run(engine) -> None:
    held = await a_project_row(engine)

    async with engine.begin() as conn:
        await aggregate.save(
            conn, [Saved(before=held.project, after=held.project, run=a_run(held))]
        )

    second = Saved(before=held.project, after=held.project, run=a_run(held))
    async with engine.connect() as conn:
        with pytest.raises(IntegrityError, match="one_active_run"):
            await aggregate.save(conn, [second])


async def test_a_locked_project_is_waited_for_or_skipped(engine) -> None:
    held = await a_project_row(engine)
    async with engine.begin() as first:
        assert await aggregate.lock(first, [held.project.id]) == [held.project.id]

        async with engine.begin() as second:
            assert await aggregate.lock(second, [held.project.id], skip_locked=True) == []
            await second.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(Exception, match="lock timeout"):
                await aggregate.lock(second, [held.project.id])


async def test_many_projects_are_locked_in_one_order_so_that_two_batches_never_deadlock(
    engine,
) -> None:
    ids = [(await a_project_row(engine)).project.id for _ in range(20)]

    async def batch(order) -> int:
        locked = 0
        for _ in range(10):
            async with engine.begin() as conn:
                locked += len(await aggregate.lock(conn, order))
        return locked

    counts = await asyncio.gather(batch(ids), batch(ids[::-1]), batch(ids))

    assert counts == [200, 200, 200]
