"""The group commit: some hundred facts → one transaction: lock, fold, decide, save, follow-ups,
milestones. Of projects that are remembered, one statement, which holds only if they still stand
as they did.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from projector.fold import after_close, folded, noted
from projector.memory import Memory
from projector.reading import Bad, ByProject, by_project_of
from shared.lifecycle import decisive
from shared.messages.facts import Fact
from shared.messages.updates import ProjectChange
from shared.pipeline import Outcome, advanced, going_on, steady
from shared.runtime import fail_points
from shared.state import RunState, TaskState, changed_tasks
from shared.storable import storable
from shared.store import aggregate, tables
from shared.store.aggregate import Held, Locked
from shared.store.dispatch import Committed, commit_outcomes, commit_standing
from shared.store.engine import autocommit
from shared.store.recordset import Statement, inserting

_log = structlog.get_logger()


class Written(NamedTuple):
    """The projects that may look different now, and whether messages wait for a relay."""

    changes: list[ProjectChange]
    posted: bool


def joined(parts: Sequence[Written]) -> Written:
    """What several have written."""
    return Written(
        [change for part in parts for change in part.changes],
        posted=any(part.posted for part in parts),
    )


async def apply(
    engine: AsyncEngine,
    facts: Sequence[Fact],
    bad: Sequence[Bad] = (),
    memory: Memory | None = None,
) -> Written:
    """Applies all of it or nothing; applying it again changes nothing."""
    memory = memory or Memory()
    by_project = by_project_of(facts)
    written = None if bad else await _at_once(engine, by_project, memory)
    return written or await _under_locks(engine, by_project, bad, memory)


async def _at_once(engine: AsyncEngine, by_project: ByProject, memory: Memory) -> Written | None:
    """One way there and back instead of four; None where something has to be read first, or
    a project is not as it was remembered any more: then nothing was written.
    """
    now = memory.now
    decided = [] if now is None else _foreseen(by_project, memory, now)
    if not decided or now is None:
        return None
    async with autocommit(engine) as conn:
        stored, clock = await commit_standing(conn, decided, now=now, also=_learned(decided))
    memory.heard(clock)
    if stored is None:
        memory.doubted()
        return None
    return _written(decided, stored, memory)


def _foreseen(by_project: ByProject, memory: Memory, now: datetime) -> list[tuple[Held, Outcome]]:
    """What the facts come to if their projects are as they are remembered; nothing where one of
    them has to be read.
    """
    decided: list[tuple[Held, Outcome]] = []
    for held in memory.all_of(_runs(by_project)):
        own = by_project[held.project.id]
        if held.brief and (any(map(decisive, own)) or not (held.run and steady(held.run, now))):
            return []
        outcome, late = decide(held, own, now)
        if outcome is None or late or outcome.then:
            return []
        decided.append((held, outcome))
    return decided


async def _under_locks(
    engine: AsyncEngine, by_project: ByProject, bad: Sequence[Bad], memory: Memory
) -> Written:
    async with engine.begin() as conn:
        locked = await aggregate.lock_versions(conn, by_project)
        now = locked.now
        memory.heard(now)
        held = await _held(conn, by_project, memory, locked)
        decided: list[tuple[Held, Outcome]] = []
        late: list[Fact] = []
        for project_id, own in by_project.items():
            project = held.get(project_id)
            if project is None:
                _log.warning("facts.orphaned", project_id=str(project_id), count=len(own))
                continue
            outcome, rest = decide(project, own, now)
            late += rest
            if outcome is not None:
                decided.append((project, outcome))
        fail_points.reached("projector.locked")
        stored = await commit_outcomes(conn, decided, now=now, also=_learned(decided))
        await _note_late(conn, late)
        await bury(conn, bad)
    return _written(decided, stored, memory)


def _written(decided: Sequence[tuple[Held, Outcome]], stored: Committed, memory: Memory) -> Written:
    for (project, _), outcome in zip(decided, stored.outcomes, strict=True):
        memory.keep(project, outcome)
    return Written([changed(project) for project, _ in decided], posted=stored.posted)


def _runs(by_project: ByProject) -> dict[UUID, set[UUID]]:
    return {project: {fact.meta.run_id for fact in own} for project, own in by_project.items()}


async def _held(
    conn: AsyncConnection,
    by_project: ByProject,
    memory: Memory,
    locked: Locked,
) -> dict[UUID, Held]:
    """The locked projects, read where they are not known as they stand; in a crowd without their
    texts where all that came is progress.
    """
    crowded = memory.crowded  # before those that come are taken out of it
    versions = locked.versions
    runs = _runs(by_project)

    async def read(ids: Collection[UUID], *, brief: bool = False) -> dict[UUID, Held]:
        wanted = {run_id for project_id in ids for run_id in runs[project_id]}
        return await aggregate.load(conn, ids, wanted, brief=brief)

    calm = {project for project, own in by_project.items() if not any(map(decisive, own))}
    held = memory.known(versions, runs, calm)
    unknown = versions.keys() - held.keys()
    full = unknown - calm if crowded else unknown
    held |= await read(unknown - full, brief=True)
    for project_id, one in held.items():
        open_run = one.run if one.brief and not one.deleted else None
        if open_run and open_run.state is RunState.ACTIVE and not steady(open_run, locked.now):
            full.add(project_id)
    return held | await read(full)


def changed(held: Held) -> ProjectChange:
    """The hint for open pages that this project was written."""
    return ProjectChange(project_id=held.project.id, user_id=held.project.user_id)


def decide(held: Held, facts: Sequence[Fact], now: datetime) -> tuple[Outcome | None, list[Fact]]:
    """What one project's facts bring about, and those that came after their run was closed."""
    run = held.run
    current: list[Fact] = []
    late: list[Fact] = []
    for fact in facts:
        known = held.runs.get(fact.meta.run_id)
        mine = fact.meta.user_id == held.project.user_id
        if known is None or not mine:
            _log.warning("fact.foreign", type=fact.type, run=str(fact.meta.run_id))
        elif (
            held.deleted or known.state is not RunState.ACTIVE or run is None or known.id != run.id
        ):
            late.append(fact)
        else:
            current.append(fact)
    if run is None or not current:
        return None, late
    run = folded(run, current, now)
    outcome = going_on(held.project, run) if held.brief else advanced(held.project, run, now)
    return outcome, late


async def bury(conn: AsyncConnection, bad: Sequence[Bad]) -> None:
    """Keeps what can't be applied where operators find it."""
    for item in bad:
        _log.warning("message.buried", queue=item.queue, reason=item.reason)
        await conn.execute(
            tables.dead_letters.insert().values(
                queue=item.queue,
                reason=storable(item.reason[:2000]),
                type=storable(item.type[:64]) if item.type else None,
                headers=_storable_headers(item.headers),
                body=item.body,
            )
        )


async def _note_late(conn: AsyncConnection, late: Sequence[Fact]) -> None:
    """Under the locks of their projects, so that two of one task never miss each other."""
    tasks = tables.tasks
    ids = {fact.meta.task_id for fact in late}
    dropped = select(tasks.c.id, tasks.c.after_close).where(
        tasks.c.id.in_(ids), tasks.c.state == TaskState.DROPPED.value
    )
    known = {row.id: row.after_close for row in await conn.execute(dropped)} if ids else {}
    notes = dict(known)
    for fact in late:
        if fact.meta.task_id in notes:
            notes[fact.meta.task_id] = noted(notes[fact.meta.task_id], after_close(fact))
    for task_id, note in notes.items():
        if note != known[task_id]:
            update = tasks.update().where(tasks.c.id == task_id).values(after_close=note)
            await conn.execute(update)


def _learned(decided: Sequence[tuple[Held, Outcome]]) -> list[Statement]:
    """What each stage really took, for the estimates of later runs."""
    timings = [
        {
            "stage": task.stage,
            "weight": task.weight,
            "work_ms": task.manifest.work_ms,
            "engine": task.manifest.engine,
        }
        for held, outcome in decided
        if (before := held.runs.get(outcome.run.id))
        for old, task in changed_tasks(before, outcome.run)
        if old.state is not TaskState.DONE and task.state is TaskState.DONE
        if task.manifest is not None and not task.reused
    ]
    return inserting(tables.stage_timings, timings)


def _storable_headers(headers: dict[str, Any]) -> dict[str, str]:
    return {storable(str(name)): storable(str(value)) for name, value in headers.items()}


async def reachable(engine: AsyncEngine) -> bool:
    """Whether the database answers."""
    async with autocommit(engine) as conn:
        return (await conn.execute(sql("SELECT 1"))).scalar() == 1
