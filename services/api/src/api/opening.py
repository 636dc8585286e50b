"""Runs opened and retried on a user's order: each one transaction under the project's lock."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import String, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api import choices
from api.auth import User
from api.errors import RefusedError
from api.idempotency import Answer, StaleLookError
from api.provider_keys import Made, ProviderKeys, to_make
from api.requests import Revise
from api.runs import active_run, held_project, own
from api.views import ForecastView, RunView
from shared import openings, pipeline
from shared.engines import Engines
from shared.messages.commands import Revision
from shared.messages.manifest import Manifest
from shared.state import Project, ProjectStatus, Run, RunKind, RunState, TaskState
from shared.store import aggregate, collecting, tables
from shared.store.aggregate import Held
from shared.store.dispatch import commit_outcomes
from shared.store.engine import autocommit
from shared.values import replace

_ALONE: Final = select(
    func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name", type_=String), 0)),
    collecting.SHARED,
)
_RUNS: Final = tables.runs.c
_GROUND: Final = select(
    func.now().label("now"),
    select(func.count())
    .where(_RUNS.user_id == bindparam("user_id"), _RUNS.state == "active")
    .scalar_subquery()
    .label("active"),
    collecting.removed("paths").label("removed"),
)
Find = Callable[[str], Awaitable[Manifest | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What new runs are opened with: the makers that they pin, with their keys, and how many one
    user may have. ``keys.look`` comes before the transaction that opens.
    """

    engines: Engines
    most_active: int
    keys: ProviderKeys = field(default_factory=ProviderKeys)


async def open_script(
    conn: AsyncConnection, user: User, project_id: UUID, terms: Terms, *, again: bool
) -> Answer:
    """A script run; the same again while it runs is the same run. ``again`` writes over a
    script.

    With ``auto_produce`` the production that follows counts as the same, too.
    """
    held = await held_project(conn, user, project_id)
    if active := active_run(held):
        follows = held.project.options.auto_produce
        kind = active.kind if follows else RunKind.SCRIPT
        return _same(held, active, kind, known=active.revise is None)
    if held.project.script_ready and not again:
        raise RefusedError("script_exists")
    if held.project.options.auto_produce:
        _check_voice(held.project, terms)
    again = (again and not openings.unseen(held.run)) or openings.useless(held.run)
    run = openings.open_script(held.project, uuid4(), terms.engines, again=again)
    return await _opened(conn, held, run, terms)


async def open_revision(
    conn: AsyncConnection, user: User, target: tuple[UUID, UUID], terms: Terms, body: Revise
) -> Answer:
    """A script run that does one scene again; ``target`` is project and scene.

    The same again while it runs is the same run. After it failed or was cancelled it is the same
    take, so that what was paid for is found; after it was done, or what came was of no use, it is
    another.
    """
    project_id, scene_id = target
    held = await held_project(conn, user, project_id)
    active = active_run(held)
    script = held.project.script
    if script is None:
        raise RefusedError("run_active" if active else "script_missing")
    if scene_id not in {scene.id for scene in script.scenes}:
        raise RefusedError("scene_not_found")
    revise = Revision(base=script, scene_id=scene_id, kind=body.kind, text=body.instruction or "")
    last = held.run if held.run is not None and held.run.revise == revise else None
    if active is not None:
        return _same(held, active, RunKind.SCRIPT, known=last is active)
    again = last is None or last.state is RunState.DONE or openings.useless(last, revise)
    run = openings.open_script(held.project, uuid4(), terms.engines, again=again, revise=revise)
    return await _opened(conn, held, run, terms)


class Production:
    """A production run. ``look`` asks the artifact store, before the transaction, what exists
    already.
    """

    def __init__(
        self, engine: AsyncEngine, find: Find, *, user: User, project_id: UUID, terms: Terms
    ) -> None:
        self._engine = engine
        self._find = find
        self._user = user
        self._project_id = project_id
        self._terms = terms
        self._run: Run | None = None

    async def forecast(self) -> ForecastView:
        """What ``open`` would have to make, were it asked now; nothing is ordered."""
        held = await self._looked()
        if held.project.script is None:
            raise RefusedError("script_missing")
        if self._run is None:
            raise RefusedError("run_active")
        _check_voice(held.project, self._terms)
        return ForecastView(**_counts(self._run))

    async def look(self) -> None:
        """A retry may be one of the script, so that the writer is asked as well."""
        held = await self._looked()
        made = to_make(held.project, self._run) if self._run else set[Made]()
        await self._terms.keys.look("script", "voice", *made)

    async def _looked(self) -> Held:
        async with autocommit(self._engine) as conn:
            loaded = await aggregate.load(conn, [self._project_id])
        held = own(loaded.get(self._project_id), self._user)
        if held.project.script is not None and active_run(held) is None:
            run = openings.open_production(held.project, uuid4(), self._terms.engines)
            self._run = await reused(held.project, run, self._find)
        return held

    async def open(self, conn: AsyncConnection, *, charge: bool = False) -> Answer:
        """The same again while it runs is the same run."""
        held = await held_project(conn, self._user, self._project_id)
        if active := active_run(held):
            return _same(held, active, RunKind.PRODUCTION)
        if held.project.script is None:
            raise RefusedError("script_missing")
        _check_voice(held.project, self._terms)
        choices.check_visuals(held.project.script, self._terms.engines)
        if self._run is None or self._run.script_version != held.project.script_version:
            raise StaleLookError
        return await _opened(conn, held, self._run, self._terms, charge=charge)

    async def retry(self, conn: AsyncConnection, *, charge: bool = False) -> Answer:
        """The failed run's kind again, from what is finished; a retried script, or revision of one
        scene, keeps its take.

        Where a paid call's outcome is unknown, only ``charge`` makes it again.
        """
        held = await held_project(conn, self._user, self._project_id)
        error = held.project.error
        if held.project.status is not ProjectStatus.FAILED or error is None:
            raise RefusedError("run_active" if active_run(held) else "not_failed")
        unknown = error.code == "outcome_unknown"
        if unknown and not charge:
            raise RefusedError("charge_unconfirmed")
        if held.run is not None and held.run.kind is RunKind.PRODUCTION:
            return await self.open(conn, charge=unknown)
        revise = held.run.revise if held.run else None
        if held.project.options.auto_produce and revise is None:
            _check_voice(held.project, self._terms)
        run = openings.open_script(
            held.project, uuid4(), self._terms.engines, again=False, revise=revise
        )
        return await _opened(conn, held, run, self._terms, charge=unknown)


async def reused(project: Project, run: Run, find: Find) -> Run:
    """The run with everything done that exists already: asked again for what each find makes
    possible.
    """
    asked: set[UUID] = set()
    places = asyncio.Semaphore(32)

    async def asked_for(key: str) -> Manifest | None:
        """Many at once, not all: a store far away answers each in tens of milliseconds."""
        async with places:
            return await find(key)

    while fresh := [task for task in pipeline.inputs_exist(run) if task.id not in asked]:
        asked |= {task.id for task in fresh}
        wanted = {task.id: pipeline.key_of(project, run, task) for task in fresh}
        manifests = await asyncio.gather(*map(asked_for, wanted.values()))
        found = {
            task_id: (key, manifest)
            for (task_id, key), manifest in zip(wanted.items(), manifests, strict=True)
            if manifest is not None
        }
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


def _check_voice(project: Project, terms: Terms) -> None:
    """It was chosen among the voices of that day; another engine may have others."""
    choices.check({"voice": project.options.speaker}, project.language, terms.engines)


def _same(held: Held, active: Run, kind: RunKind, *, known: bool = True) -> Answer:
    if active.kind is not kind or not known:
        raise RefusedError("run_active")
    return Answer(body=_run_view(held.project, active))


async def _opened(
    conn: AsyncConnection, held: Held, run: Run, terms: Terms, *, charge: bool = False
) -> Answer:
    terms.keys.check(to_make(held.project, run))
    now = await _free(conn, held.project.user_id, run, terms.most_active)
    authorised = (held.run.authorisation if held.run else 0) + charge
    run = replace(run, opened_at=now, authorisation=authorised)
    outcome = pipeline.advanced(openings.opened(held.project, run), run, now)
    [stored], _ = await commit_outcomes(conn, [(held, outcome)], now=now)
    return Answer(body=_run_view(stored.project, stored.run))


async def _free(conn: AsyncConnection, user_id: str, run: Run, most: int) -> datetime:
    """The time of an opening that nothing is in the way of. One of a user at a time, so that the
    count is true; what the look found may have been removed since, and from here on nothing is.
    """
    await conn.execute(_ALONE, {"name": f"runs of {user_id}"})
    about = {"user_id": user_id, "paths": list(collecting.kept_by(run))}
    ground = (await conn.execute(_GROUND, about)).one()
    if ground.active >= most:
        raise RefusedError("too_many_runs", f"{most} are active already")
    if ground.removed:
        raise StaleLookError
    return ground.now


def _run_view(project: Project, run: Run) -> dict[str, Any]:
    counts = _counts(run) if run.kind is RunKind.PRODUCTION else {}
    view = RunView(project_id=project.id, run_id=run.id, kind=run.kind, state=run.state, **counts)
    return view.wire()


def _counts(run: Run) -> dict[str, int]:
    clips = [task for task in run.tasks if task.stage == "clip"]
    kept = sum(task.reused for task in clips)
    return {"scenes": len(clips), "reused": kept, "to_make": len(clips) - kept}
