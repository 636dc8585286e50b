"""Runs opened, retried and closed on a user's order: each one transaction under the project's
lock.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.auth import User
from api.errors import RefusedError
from api.idempotency import Answer, StaleLookError
from api.views import RunView, StateView
from shared import pipeline
from shared.engines import Engines
from shared.lifecycle import Change, moved
from shared.messages.facts import Note
from shared.messages.manifest import Manifest
from shared.messaging.topology import MILESTONES, milestone_key
from shared.milestones import completion_of
from shared.state import Project, ProjectStatus, Run, RunKind, RunState, TaskState
from shared.store import aggregate, outbox, tables
from shared.store.aggregate import Event, Held, Saved
from shared.store.dispatch import commit_outcomes

Find = Callable[[str], Awaitable[Manifest | None]]


async def held_project(conn: AsyncConnection, user: User, project_id: UUID) -> Held:
    """The caller's project, locked, with its current run; somebody else's is not there at all."""
    ids = await aggregate.lock(conn, [project_id])
    return _own((await aggregate.load(conn, ids)).get(project_id), user)


def _own(held: Held | None, user: User) -> Held:
    if held is None or held.deleted or held.project.user_id != user.id:
        raise RefusedError("project_not_found")
    return held


async def open_script(
    conn: AsyncConnection, user: User, project_id: UUID, engines: Engines, *, again: bool
) -> Answer:
    """A script run; the same again while it runs is the same run. ``again`` writes over a
    script.
    """
    held = await held_project(conn, user, project_id)
    if active := _active(held):
        return _same(held, active, RunKind.SCRIPT)
    if held.project.script_ready and not again:
        raise RefusedError("script_exists")
    run = pipeline.open_script(held.project, uuid4(), engines, again=again)
    return await _opened(conn, held, run)


class Production:
    """A production run. ``look`` asks the artifact store, before the transaction, what exists
    already.
    """

    def __init__(
        self, engine: AsyncEngine, find: Find, *, user: User, project_id: UUID, engines: Engines
    ) -> None:
        self._engine = engine
        self._find = find
        self._user = user
        self._project_id = project_id
        self._engines = engines
        self._run: Run | None = None

    async def look(self) -> None:
        async with self._engine.connect() as conn:
            loaded = await aggregate.load(conn, [self._project_id])
        held = _own(loaded.get(self._project_id), self._user)
        if held.project.script is not None and _active(held) is None:
            run = pipeline.open_production(held.project, uuid4(), self._engines)
            self._run = await reused(held.project, run, self._find)

    async def open(self, conn: AsyncConnection) -> Answer:
        """The same again while it runs is the same run."""
        held = await held_project(conn, self._user, self._project_id)
        if active := _active(held):
            return _same(held, active, RunKind.PRODUCTION)
        if held.project.script is None:
            raise RefusedError("script_missing")
        if self._run is None or self._run.script_version != held.project.script_version:
            raise StaleLookError
        return await _opened(conn, held, self._run)

    async def retry(self, conn: AsyncConnection) -> Answer:
        """The failed run's kind again, from what is finished; a retried script keeps its take."""
        held = await held_project(conn, self._user, self._project_id)
        if held.project.status is not ProjectStatus.FAILED:
            raise RefusedError("run_active" if _active(held) else "not_failed")
        if held.run is not None and held.run.kind is RunKind.PRODUCTION:
            return await self.open(conn)
        run = pipeline.open_script(held.project, uuid4(), self._engines, again=False)
        return await _opened(conn, held, run)


async def reused(project: Project, run: Run, find: Find) -> Run:
    """The run with everything done that exists already: asked again for what each find makes
    possible.
    """
    asked: set[UUID] = set()
    while fresh := [task for task in pipeline.inputs_exist(run) if task.id not in asked]:
        found: dict[UUID, tuple[str, Manifest]] = {}
        for task in fresh:
            asked.add(task.id)
            key = pipeline.key_of(project, run, task)
            manifest = await find(key)
            if manifest is not None:
                found[task.id] = (key, manifest)
        run = replace(
            run,
            tasks=tuple(
                replace(
                    task,
                    state=TaskState.DONE,
                    percent=100.0,
                    reused=True,
                    spec_hash=found[task.id][0],
                    manifest=found[task.id][1],
                )
                if task.id in found
                else task
                for task in run.tasks
            ),
        )
    return run


async def cancel(conn: AsyncConnection, user: User, project_id: UUID) -> Answer:
    """Closes the active run; whoever commits first, the end or the cancel, wins."""
    held = await held_project(conn, user, project_id)
    run = _active(held)
    if run is None:
        ended = held.run is not None and held.run.state is RunState.DONE
        raise RefusedError("already_finished" if ended else "no_active_run")
    now = await aggregate.now(conn)
    outcome = pipeline.closed(held.project, run, RunState.CANCELLED, now=now)
    await commit_outcomes(conn, [(held, outcome)], now=now)
    return _state(outcome.project)


async def complete(
    conn: AsyncConnection, user: User, project_id: UUID, *, accept_stale: bool
) -> Answer:
    """The user accepts the video: the last step of a project."""
    held = await held_project(conn, user, project_id)
    project, run = held.project, held.run
    if project.status is ProjectStatus.COMPLETED:
        return _state(project)
    after = replace(
        project,
        status=moved(project.status, Change.COMPLETE),
        message=Note(code="project_completed"),
    )
    if project.video_stale and not accept_stale:
        raise RefusedError("video_stale")
    change = Saved(before=project, after=after, touched=True)
    await aggregate.save(conn, [change])
    event = Event(project_id=project.id, run_id=project.current_run_id, type="project.completed")
    await aggregate.log(conn, [event])
    if run is not None:
        told = completion_of(after, run)
        await outbox.append(conn, MILESTONES, [(milestone_key(told.type), told)])
    return _state(after)


async def acknowledge(
    conn: AsyncConnection, user: User, project_id: UUID, run_id: UUID | None
) -> Answer:
    """Marks a run that ended (default: the last one) as told; ``first`` for one caller only."""
    held = await held_project(conn, user, project_id)
    runs = tables.runs
    ended = select(runs.c.id).where(runs.c.project_id == project_id, runs.c.state != "active")
    last = (await conn.execute(ended.order_by(runs.c.closed_at.desc()).limit(1))).scalar()
    wanted = run_id or last
    if wanted is None:
        raise RefusedError("run_active" if _active(held) else "run_not_found")
    if (await conn.execute(ended.where(runs.c.id == wanted))).scalar() is None:
        active = held.run is not None and held.run.id == wanted
        raise RefusedError("run_active" if active else "run_not_found")
    first = await conn.execute(
        runs.update()
        .where(runs.c.id == wanted, runs.c.acknowledged_at.is_(None))
        .values(acknowledged_at=await aggregate.now(conn))
    )
    if wanted == last:
        after = replace(held.project, notified=True)
        await aggregate.save(conn, [Saved(before=held.project, after=after)])
    return Answer(status=200, body={"first": first.rowcount == 1})


def _active(held: Held) -> Run | None:
    run = held.run
    return run if run is not None and run.state is RunState.ACTIVE else None


def _same(held: Held, active: Run, kind: RunKind) -> Answer:
    if active.kind is not kind:
        raise RefusedError("run_active")
    return Answer(body=_run_view(held.project, active))


async def _opened(conn: AsyncConnection, held: Held, run: Run) -> Answer:
    now = await aggregate.now(conn)
    run = replace(run, opened_at=now)
    outcome = pipeline.advanced(pipeline.opened(held.project, run), run, now)
    [stored] = await commit_outcomes(conn, [(held, outcome)], now=now)
    return Answer(body=_run_view(stored.project, stored.run))


def _run_view(project: Project, run: Run) -> dict[str, Any]:
    counts: dict[str, int] = {}
    if run.kind is RunKind.PRODUCTION and run.script is not None:
        clips = [task for task in run.tasks if task.stage == "clip"]
        kept = sum(task.reused for task in clips)
        counts = {"scenes": len(clips), "reused": kept, "to_make": len(clips) - kept}
    view = RunView(project_id=project.id, run_id=run.id, kind=run.kind, state=run.state, **counts)
    return view.wire()


def _state(project: Project) -> Answer:
    view = StateView(project_id=project.id, status=project.status, run_id=project.current_run_id)
    return Answer(body=view.wire())
