"""``python -m projector.rebuild [--write] [PROJECT …]``: folds the log again, and says where the
rows differ from it; with ``--write`` the rows become what the log says. Exit code 1: they (still)
differ.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from projector.rebuilding import Line, LogIncompleteError, Rebuilt, difference, rebuilt
from shared.runtime.settings import StoreSettings, read
from shared.state import Run, RunState
from shared.store import aggregate, rows, tables
from shared.store.aggregate import Saved
from shared.store.engine import store_engine
from shared.store.recordset import inserting, send
from shared.values import replace

_P, _R, _E = tables.projects, tables.runs, tables.project_events


@dataclass(slots=True)
class Report:
    """``differing``: by project, in words, after the writing if there was any. ``skipped``: with an
    active run, or a log that does not reach back.
    """

    agreeing: int = 0
    mended: int = 0
    differing: dict[UUID, list[str]] = field(default_factory=dict[UUID, list[str]])
    skipped: dict[UUID, str] = field(default_factory=dict[UUID, str])


async def rebuild(
    engine: AsyncEngine, ids: Sequence[UUID] | None = None, *, write: bool = False
) -> Report:
    """Each project under its lock, in a transaction of its own."""
    report = Report()
    for project_id in ids if ids is not None else await _all(engine):
        async with engine.begin() as conn:
            if not await aggregate.lock(conn, [project_id]):
                report.skipped[project_id] = "there is no such project"
                continue
            await _look(conn, project_id, report, write=write)
    return report


async def _all(engine: AsyncEngine) -> list[UUID]:
    async with engine.connect() as conn:
        return list((await conn.execute(select(_P.c.id).order_by(_P.c.id))).scalars())


async def _look(conn: AsyncConnection, project_id: UUID, report: Report, *, write: bool) -> None:
    stored = await _stored(conn, project_id)
    if any(run.state is RunState.ACTIVE for run in stored.runs.values()):
        report.skipped[project_id] = "a run is active"
        return
    try:
        again = rebuilt(project_id, stored.project.user_id, await _lines(conn, project_id))
    except LogIncompleteError as incomplete:
        report.skipped[project_id] = incomplete.detail
        return
    found = difference(stored, again)
    if not found:
        report.agreeing += 1
        return
    if write:
        await _write(conn, stored, again)
        found = difference(await _stored(conn, project_id), again)
    if found:
        report.differing[project_id] = found
    else:
        report.mended += 1


async def _stored(conn: AsyncConnection, project_id: UUID) -> Rebuilt:
    query = select(_R.c.id, _R.c.acknowledged_at).where(_R.c.project_id == project_id)
    told = {row.id: row.acknowledged_at for row in await conn.execute(query)}
    held = (await aggregate.load(conn, [project_id], told))[project_id]
    deleted = select(_P.c.deleted_at).where(_P.c.id == project_id)
    return Rebuilt(
        project=held.project,
        runs=held.runs,
        told={run_id: at for run_id, at in told.items() if at is not None},
        deleted_at=(await conn.execute(deleted)).scalar(),
    )


async def _lines(conn: AsyncConnection, project_id: UUID) -> list[Line]:
    query = select(_E).where(_E.c.project_id == project_id).order_by(_E.c.id)
    return [
        Line(type=row["type"], run_id=row["run_id"], at=row["at"], state=row["state"])
        for row in (await conn.execute(query)).mappings()
    ]


async def _write(conn: AsyncConnection, stored: Rebuilt, again: Rebuilt) -> None:
    """Rows that the log does not know stay as they are, and so do signs of life."""
    project = again.project
    await aggregate.save(conn, [Saved(before=stored.project, after=project)])
    runs = [
        Saved(
            before=project,
            after=project,
            run_before=_in_order_of(run, stored),
            run=_alive(run, stored),
        )
        for run in again.runs.values()
    ]
    await aggregate.save(conn, runs)
    await send(conn, inserting(tables.tasks, list(_lost(stored, again))))
    for run in again.runs.values():
        opened = {} if run.opened_at is None else {"opened_at": run.opened_at}
        values = {"acknowledged_at": again.told.get(run.id), **opened}
        await conn.execute(_R.update().where(_R.c.id == run.id).values(values))
    last = {"deleted_at": again.deleted_at, "version": _P.c.version + 1}
    await conn.execute(_P.update().where(_P.c.id == project.id).values(last))


def _lost(stored: Rebuilt, again: Rebuilt) -> Iterator[dict[str, Any]]:
    """Tasks that runs of the rows no longer have."""
    for run_id in stored.runs.keys() & again.runs.keys():
        old = {task.id for task in stored.runs[run_id].tasks}
        for task in again.runs[run_id].tasks:
            if task.id not in old:
                yield rows.task_values(task, again.project)


def _in_order_of(run: Run, stored: Rebuilt) -> Run | None:
    """The stored run with the tasks of ``run``, which the log knows, in their order; those that
    it has lost as they are to be.
    """
    if (before := stored.runs.get(run.id)) is None:
        return None
    old = {task.id: task for task in before.tasks}
    return replace(before, tasks=tuple(old.get(task.id, task) for task in run.tasks))


def _alive(run: Run, stored: Rebuilt) -> Run:
    """The run with the places and signs of life of its tasks, which no log holds."""
    before = stored.runs.get(run.id)
    old = {task.id: task for task in before.tasks} if before else {}
    tasks = (
        replace(
            task,
            delivery=old[task.id].delivery,
            seq=old[task.id].seq,
            last_seen_at=old[task.id].last_seen_at,
        )
        if task.id in old
        else task
        for task in run.tasks
    )
    return replace(run, tasks=tuple(tasks))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m projector.rebuild", description=__doc__)
    parser.add_argument("--write", action="store_true", help="make the rows what the log says")
    parser.add_argument("project", nargs="*", type=UUID)
    said = parser.parse_args()

    async def run() -> Report:
        url = read(StoreSettings).database_url
        engine = store_engine(url, pool=1, application="rebuild")
        try:
            return await rebuild(engine, said.project or None, write=said.write)
        finally:
            await engine.dispose()

    report = asyncio.run(run())
    for project_id, why in report.skipped.items():
        sys.stdout.write(f"{project_id}: not looked at, {why}\n")
    for project_id, differences in report.differing.items():
        sys.stdout.writelines(f"{project_id}: {one}\n" for one in differences)
    mended = f"{report.mended} mended, " if said.write else ""
    sys.stdout.write(f"{report.agreeing} agree, {mended}{len(report.differing)} differ.\n")
    sys.exit(1 if report.differing else 0)


if __name__ == "__main__":
    main()
