"""Lock, load, save: the only way to change a project, its run and its tasks.

Whoever changes a project first locks its row, as a statement of its own, and reads runs and tasks
in a later one: otherwise two projectors each miss the other's last scene, and the run hangs.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Select, Table, func, null, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.state import Project, Run, Task
from shared.store import rows, tables
from shared.store.recordset import among, insert_rows, update_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A line of the project's log; ``state`` is what ``reelay rebuild`` folds."""

    project_id: UUID
    type: str
    run_id: UUID | None = None
    task_id: UUID | None = None
    data: dict[str, Any] | None = None
    state: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A locked project with the runs that were asked for (its current one among them).

    ``brief``: read without its texts (source, scripts, manifests), for decisions that are
    ``steady`` (``shared.pipeline``).
    """

    project: Project
    runs: dict[UUID, Run]
    deleted: bool
    brief: bool = False

    @property
    def run(self) -> Run | None:
        return self.runs.get(self.project.current_run_id) if self.project.current_run_id else None


_NOW: Final = select(func.now())
_TEXTS: Final = frozenset({"source", "script", "revise", "video", "manifest"})


def _locking(*, skip_locked: bool) -> Select[Any, Any, Any, Any]:
    columns = tables.projects.c
    return (
        select(columns.id, columns.version, columns.deleted_at.is_not(None), func.now())
        .where(among(columns.id, "ids"))
        .order_by(columns.id)
        .with_for_update(key_share=True, skip_locked=skip_locked)
    )


def _reading(table: Table, *, brief: bool) -> Select[Any]:
    return select(*(null().label(c.name) if brief and c.name in _TEXTS else c for c in table.c))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What ``load`` asks, built once: a statement is dearer to build than to run."""

    projects: Select[Any]
    runs: Select[Any]
    tasks: Select[Any]

    @classmethod
    def of(cls, *, brief: bool) -> "_Reading":
        projects, runs, tasks = tables.projects.c, tables.runs.c, tables.tasks.c
        return cls(
            projects=_reading(tables.projects, brief=brief).where(among(projects.id, "ids")),
            runs=_reading(tables.runs, brief=brief).where(
                among(runs.id, "run_ids"), among(runs.project_id, "ids")
            ),
            tasks=_reading(tables.tasks, brief=brief)
            .where(among(tasks.run_id, "run_ids"))
            .order_by(tasks.run_id, tasks.position, tasks.stage.desc()),
        )


_LOCKING: Final = {skip: _locking(skip_locked=skip) for skip in (False, True)}
_READING: Final = {brief: _Reading.of(brief=brief) for brief in (False, True)}


async def now(conn: AsyncConnection) -> datetime:
    """The database's clock, fixed for this transaction: no other clock decides anything."""
    return (await conn.execute(_NOW)).scalar_one()


async def lock(
    conn: AsyncConnection, ids: Iterable[UUID], *, skip_locked: bool = False
) -> list[UUID]:
    """``lock_versions``, for who loads them anyway."""
    return list((await lock_versions(conn, ids, skip_locked=skip_locked)).versions)


class Locked(NamedTuple):
    """``versions``: of each locked project, and whether it is deleted; ``now``: the clock."""

    versions: dict[UUID, tuple[int, bool]]
    now: datetime


async def lock_versions(
    conn: AsyncConnection, ids: Iterable[UUID], *, skip_locked: bool = False
) -> Locked:
    """Locks the projects in the order of their ids; answers those that exist (and, if asked, are
    free): who held a project at that version knows all of it.

    NO KEY: a plain FOR UPDATE would block the foreign-key checks of inserts.
    """
    found = await conn.execute(_LOCKING[skip_locked], {"ids": sorted(set(ids))})
    locked = found.all()
    clock = locked[0][3] if locked else await now(conn)
    return Locked({row[0]: (row[1], row[2]) for row in locked}, clock)


async def load(
    conn: AsyncConnection,
    ids: Collection[UUID],
    run_ids: Iterable[UUID] = (),
    *,
    brief: bool = False,
) -> dict[UUID, Held]:
    """The locked projects with their current runs and ``run_ids``, tasks in pipeline order."""
    if not ids:
        return {}
    reading, keys = _READING[brief], {"ids": list(ids)}
    project_rows = (await conn.execute(reading.projects, keys)).mappings().all()
    wanted = {row["current_run_id"] for row in project_rows} | set(run_ids)
    wanted.discard(None)
    by_project: dict[UUID, dict[UUID, Run]] = {}
    if wanted:
        keys["run_ids"] = list(wanted)
        by_run = await _tasks(conn, reading.tasks, keys["run_ids"])
        for row in (await conn.execute(reading.runs, keys)).mappings():
            run = rows.run_from(row, tuple(by_run.get(row["id"], ())))
            by_project.setdefault(row["project_id"], {})[run.id] = run
    return {
        row["id"]: Held(
            project=rows.project_from(row, brief=brief),
            runs=by_project.get(row["id"], {}),
            deleted=row["deleted_at"] is not None,
            brief=brief,
        )
        for row in project_rows
    }


async def _tasks(
    conn: AsyncConnection, query: Select[Any], run_ids: Collection[UUID]
) -> dict[UUID, list[Task]]:
    found = await conn.execute(query, {"run_ids": run_ids})
    by_run: dict[UUID, list[Task]] = {}
    for row in found.mappings():
        by_run.setdefault(row["run_id"], []).append(rows.task_from(row))
    for run_tasks in by_run.values():
        run_tasks.sort(key=lambda task: task.stage == "assembly")
    return by_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One project's change: ``run`` is the run that was decided on, with its tasks. ``touched``
    marks the steps of the user and the opening and closing of runs: lists are ordered by them.
    """

    before: Project
    after: Project
    run_before: Run | None = None
    run: Run | None = None
    touched: bool = False

    @property
    def rises(self) -> bool:
        """Whether the project's version goes up by one: with anything that a page may show."""
        if self.touched or (self.run is not self.run_before and self.run != self.run_before):
            return True
        return self.after is not self.before and self.after != self.before


async def save(conn: AsyncConnection, changes: Sequence[Saved]) -> None:
    """Writes what differs, and only that: a percent does not write the script again.

    The project's version rises with anything that a page may show, its tasks included. Raises
    nothing of its own: a second active run is refused by the database (IntegrityError).
    """
    for touched in (False, True):
        extra = "version = t.version + 1, updated_at = now()"
        extra += ", touched_at = now()" if touched else ""
        projects = [
            (c.after.id, rows.project_changes(c.before, c.after))
            for c in changes
            if c.touched is touched and c.rises
        ]
        await _update(conn, tables.projects, projects, extra)
    known = [(c.run_before, c.run) for c in changes if c.run and c.run_before]
    runs = [(new.id, rows.run_changes(old, new)) for old, new in known]
    await _update(conn, tables.runs, runs)
    tasks = [pair for old, new in known for pair in _changed_tasks(old, new)]
    await _update(conn, tables.tasks, tasks)
    opened = [(c.run, c.after) for c in changes if c.run and not c.run_before]
    await insert_rows(conn, tables.runs, [rows.run_values(run, p.user_id) for run, p in opened])
    new_tasks = [rows.task_values(task, p) for run, p in opened for task in run.tasks]
    await insert_rows(conn, tables.tasks, new_tasks)


Values = dict[str, Any]


async def _update(
    conn: AsyncConnection, table: Table, changes: Sequence[tuple[UUID, Values]], extra: str = ""
) -> None:
    """One statement for each set of columns that changed together."""
    groups: dict[tuple[str, ...], list[Values]] = defaultdict(list)
    for row_id, values in changes:
        groups[tuple(values)].append({"id": str(row_id), **values})
    for columns, group in groups.items():
        if columns or extra:
            await update_rows(conn, table, group, extra)


def _changed_tasks(old: Run, new: Run) -> list[tuple[UUID, Values]]:
    before = {task.id: task for task in old.tasks}
    return [
        (task.id, rows.task_changes(before[task.id], task))
        for task in new.tasks
        if task is not before[task.id]
    ]


async def log(conn: AsyncConnection, events: Sequence[Event]) -> None:
    """Appends to the projects' log."""
    await insert_rows(
        conn,
        tables.project_events,
        [
            {
                "project_id": str(event.project_id),
                "run_id": str(event.run_id) if event.run_id else None,
                "task_id": str(event.task_id) if event.task_id else None,
                "type": event.type,
                "data": event.data or {},
                "state": event.state,
            }
            for event in events
        ],
    )
