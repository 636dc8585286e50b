"""Lock, load, save: the only way to change a project, its run and its tasks.

Whoever changes a project first locks its row, as a statement of its own, and reads runs and tasks
in a later one: otherwise two projectors each miss the other's last scene, and the run hangs. Who
has nothing to read may lock, compare and write at once (``standing``).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Select, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.state import Project, Run, Task, changed_tasks, pipeline_place
from shared.store import rows, tables
from shared.store.engine import driver_of
from shared.store.recordset import Statement, among, inserting, send, updating
from shared.values import replace, value


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A line of the project's log; ``state`` is what ``reelay rebuild`` folds."""

    project_id: UUID
    type: str
    run_id: UUID | None = None
    task_id: UUID | None = None
    data: dict[str, Any] | None = None
    state: dict[str, Any] | None = None


@value
class Held:
    """A project, locked or remembered, with the runs that were asked for (its current one among
    them).

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


def _reading(table: Table, names: Iterable[str], where: str, *, brief: bool) -> str:
    columns = (f"NULL AS {name}" if brief and name in _TEXTS else name for name in names)
    return f"SELECT {', '.join(columns)} FROM {table.name} WHERE {where}"  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What ``load`` asks, of the driver itself: every fact may pay for a dozen tasks, and so it
    asks for no more of them than it needs, in whatever order.
    """

    projects: str
    runs: str
    tasks: str

    @classmethod
    def of(cls, *, brief: bool) -> "_Reading":
        def whole(table: Table, where: str) -> str:
            return _reading(table, table.c.keys(), where, brief=brief)

        return cls(
            projects=whole(tables.projects, "id = ANY($1)"),
            runs=whole(tables.runs, "project_id = ANY($1) AND id = ANY($2)"),
            tasks=_reading(tables.tasks, rows.TASK, "run_id = ANY($1)", brief=brief),
        )


_LOCKING: Final = {skip: _locking(skip_locked=skip) for skip in (False, True)}
_PUNCTUAL_S: Final = 2
_STANDING: Final = f"""
    SELECT count(*) = cardinality(CAST(:ids{{n}} AS uuid[]))
        AND abs(extract(epoch FROM now() - CAST(:now{{n}} AS timestamptz))) < {_PUNCTUAL_S} AS holds
    FROM (
        SELECT t.id FROM {tables.projects.name} AS t
        JOIN unnest(CAST(:ids{{n}} AS uuid[]), CAST(:versions{{n}} AS bigint[])) AS v(id, version)
        ON t.id = v.id AND t.version = v.version AND t.deleted_at IS NULL
        ORDER BY t.id FOR NO KEY UPDATE OF t
    ) AS locked
"""  # noqa: S608
_READING: Final = {brief: _Reading.of(brief=brief) for brief in (False, True)}


async def now(conn: AsyncConnection) -> datetime:
    """The database's clock, fixed for this transaction: no other dates a decision."""
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


def standing(known: Iterable[Held], now: datetime) -> Statement:
    """Whether all of ``known`` still have the version that they have here, and it is ``now`` to two
    seconds; locks those that do, in the order of their ids, as ``lock_versions`` does. For
    ``send_provided``.
    """
    projects = sorted((held.project for held in known), key=lambda project: project.id)
    ids, versions = [one.id for one in projects], [one.version for one in projects]
    return Statement(_STANDING, {"ids": ids, "versions": versions, "now": now})


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
    driver, reading = await driver_of(conn), _READING[brief]
    project_rows = await driver.fetch(reading.projects, list(ids))
    wanted = {row["current_run_id"] for row in project_rows} | set(run_ids)
    wanted.discard(None)
    by_project: dict[UUID, dict[UUID, Run]] = {}
    if wanted:
        by_run: dict[UUID, list[Task]] = defaultdict(list)
        for row in await driver.fetch(reading.tasks, list(wanted)):
            by_run[row["run_id"]].append(rows.task_from(row))
        for row in await driver.fetch(reading.runs, list(ids), list(wanted)):
            run = rows.run_from(row, tuple(sorted(by_run[row["id"]], key=pipeline_place)))
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


def in_brief(held: Held) -> Held:
    """As ``load`` would have read it in brief."""
    return replace(
        held,
        brief=True,
        project=replace(held.project, source=rows.UNREAD, script=None, video=None),
        runs={run.id: _in_brief(run) for run in held.runs.values()},
    )


def _in_brief(run: Run) -> Run:
    tasks = (replace(task, manifest=None) if task.manifest else task for task in run.tasks)
    return replace(run, script=None, revise=None, tasks=tuple(tasks))


@dataclass(slots=True, kw_only=True)
class Saved:
    """One project's change: ``run`` is the run that was decided on, with its tasks. ``touched``
    marks the steps of the user and the opening and closing of runs: lists are ordered by them.

    ``tasks``: those that changed, each behind what it was; ``rises``: whether the project's version
    goes up by one, with anything that a page may show.
    """

    before: Project
    after: Project
    run_before: Run | None = None
    run: Run | None = None
    touched: bool = False
    tasks: Sequence[tuple[Task, Task]] = field(default=(), init=False)
    rises: bool = field(init=False)

    def __post_init__(self) -> None:
        if self.run_before and self.run:
            self.tasks = changed_tasks(self.run_before, self.run)
        self.rises = (
            self.touched
            or (self.run is not self.run_before and self.run != self.run_before)
            or (self.after is not self.before and self.after != self.before)
        )


async def save(conn: AsyncConnection, changes: Sequence[Saved]) -> None:
    """Writes what differs: a percent does not write the script again.

    The project's version rises with anything that a page may show, its tasks included. Raises
    nothing of its own: a second active run is refused by the database (IntegrityError).
    """
    await send(conn, updates(changes))
    await send(conn, inserts(changes))


def updates(changes: Sequence[Saved]) -> list[Statement]:
    """The first half of ``save``: rows that are there already, each in one statement only."""
    known = [(c.run_before, c.run) for c in changes if c.run and c.run_before]
    if len({new.id for _, new in known}) < len(known):
        raise ValueError("a run is decided on twice in one transaction")
    runs = [(new.id, rows.run_changes(old, new)) for old, new in known]
    tasks = [(new.id, rows.task_changes(old, new)) for c in changes for old, new in c.tasks]
    return [
        *_projects(changes),
        *_updated(tables.runs, runs),
        *_updated(tables.tasks, tasks),
    ]


def inserts(changes: Sequence[Saved]) -> list[Statement]:
    """The second half of ``save``: new runs, once those that they follow have ended."""
    opened = [(c.run, c.after) for c in changes if c.run and not c.run_before]
    new_tasks = [rows.task_values(task, p) for run, p in opened for task in run.tasks]
    return [
        *inserting(tables.runs, [rows.run_values(run, p.user_id) for run, p in opened]),
        *inserting(tables.tasks, new_tasks),
    ]


Values = dict[str, Any]


def _projects(changes: Sequence[Saved]) -> Iterator[Statement]:
    """Each project once, however many of its runs change."""
    found: dict[UUID, Values] = defaultdict(dict)
    touched: set[UUID] = set()
    for change in changes:
        if change.rises:
            found[change.after.id] |= rows.project_changes(change.before, change.after)
            touched |= {change.after.id} if change.touched else set()
    extra = "version = t.version + 1, updated_at = now()"
    seen = [one for one in found.items() if one[0] not in touched]
    yield from _updated(tables.projects, seen, extra)
    stepped = [one for one in found.items() if one[0] in touched]
    yield from _updated(tables.projects, stepped, extra + ", touched_at = now()")


def _updated(
    table: Table, changes: Iterable[tuple[UUID, Values]], extra: str = ""
) -> Iterator[Statement]:
    """One statement for each set of columns that changed together."""
    groups: dict[tuple[str, ...], list[Values]] = defaultdict(list)
    for row_id, values in changes:
        groups[tuple(values)].append({"id": str(row_id), **values})
    for columns, group in sorted(groups.items()):
        if columns or extra:
            yield from updating(table, group, extra)


async def log(conn: AsyncConnection, events: Sequence[Event]) -> None:
    """Appends to the projects' log."""
    await send(conn, lines(events))


def lines(events: Sequence[Event], at: datetime | None = None) -> list[Statement]:
    """``log``, to be sent with other changes; dated by the decision that they tell of, ``at``,
    where the transaction's own time is another: ``rebuild`` decides again by it.
    """
    dated = {"at": at.isoformat()} if at else {}
    return inserting(
        tables.project_events,
        [
            {
                "project_id": str(event.project_id),
                "run_id": str(event.run_id) if event.run_id else None,
                "task_id": str(event.task_id) if event.task_id else None,
                "type": event.type,
                "data": event.data or {},
                "state": event.state,
                **dated,
            }
            for event in events
        ],
    )
