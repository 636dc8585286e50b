"""Which work the watchdog judges, and which first, where there is more than one pass takes."""

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncEngine
from support.stored import opened_in

from projector.watchdog import MOST, Watchdog
from shared.state import RunKind, TaskState
from shared.store import aggregate, tables


async def at_work(engine: AsyncEngine, *, began_s: float, seen_s: float) -> UUID:
    """A project whose script is being written since then, with a last sign of life."""
    now = await opened_in(engine, RunKind.SCRIPT)
    began, seen = (func.now() - timedelta(seconds=s) for s in (began_s, seen_s))
    async with engine.begin() as conn:
        task = tables.tasks.update().where(tables.tasks.c.project_id == now.project.id)
        await conn.execute(task.values(state="running", started_at=began, last_seen_at=seen))
    return now.project.id


async def swept(engine: AsyncEngine) -> list[UUID]:
    return [change.project_id for change in await Watchdog(engine, _empty).sweep()]


async def test_work_within_its_stages_own_limit_is_let_alone(engine: AsyncEngine) -> None:
    await at_work(engine, began_s=620, seen_s=1)

    assert await swept(engine) == []


async def test_work_beyond_its_stages_own_limit_is_ended(engine: AsyncEngine) -> None:
    project = await at_work(engine, began_s=640, seen_s=1)

    assert await swept(engine) == [project]

    async with engine.connect() as conn:
        run = (await aggregate.load(conn, [project]))[project].run
    assert run is not None
    assert (run.tasks[0].state, run.error and run.error.code) == (
        TaskState.FAILED,
        "script_timeout",
    )


async def test_long_work_crowds_no_silent_work_out(engine: AsyncEngine) -> None:
    for _ in range(15):
        await asyncio.gather(*(at_work(engine, began_s=500, seen_s=1) for _ in range(10)))
    silent = {await at_work(engine, began_s=500, seen_s=70) for _ in range(10)}

    assert set(await swept(engine)) == silent


async def test_who_has_been_silent_longest_is_judged_first(engine: AsyncEngine) -> None:
    ages = range(100, 100 + MOST + 10)
    by_age = [await at_work(engine, began_s=300, seen_s=age) for age in ages]

    first, second = await swept(engine), await swept(engine)

    assert (set(first), set(second)) == (set(by_age[10:]), set(by_age[:10]))


async def _empty(_: str) -> tuple[int, int]:
    return 0, 1
