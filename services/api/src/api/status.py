"""How far projects are: the answer that pages poll and streams send, read for many at once."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Integer, Select, cast, func, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import User
from api.errors import RefusedError
from api.estimates import Estimates, ahead_of, eta
from api.views import ErrorView, PieceView, SceneView, StageView, StatusView, step_of
from shared.messaging.topology import STAGES
from shared.progress import failure_text, stage_percent, user_can_retry
from shared.state import Failure, ProjectStatus, RunKind, RunState, Task, TaskState
from shared.store import tables

_log = structlog.get_logger()
STALLED: Final = timedelta(seconds=15)
_STEADY_S: Final = 5
_P, _R, _T = tables.projects, tables.runs, tables.tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One project's status as it goes over the wire. ``etag`` is the hash of ``body``; ``event``
    is what a stream calls it.

    ``restless``: time alone may change it (a place in a queue), so it is read again without a hint.
    ``active``: it may hold an estimate.
    """

    project_id: UUID
    user_id: str
    version: int
    body: bytes
    etag: str
    stalled: bool
    restless: bool
    active: bool = False
    event: str = "status"


def farewell(project_id: UUID, user_id: str) -> Told:
    """What the streams of all of a user's projects say of one that was deleted."""
    body = f'{{"projectId":"{project_id}"}}'.encode()
    return Told(
        project_id=project_id,
        user_id=user_id,
        version=2**63,
        body=body,
        etag='"deleted"',
        stalled=False,
        restless=False,
        event="deleted",
    )


class StatusReader:
    """Reads in two statements by key, however many projects are asked for."""

    def __init__(self, estimates: Estimates, *, poll_after_ms: int) -> None:
        self.estimates = estimates
        self._poll_after_ms = poll_after_ms

    async def read(self, conn: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Told]:
        """Those of the projects that exist and are not deleted, whoever's they are.

        One whose rows can't be told is logged and left out: it must not silence the others.
        """
        rows = (await conn.execute(_projects(ids))).mappings().all()
        run_ids = [row["current_run_id"] for row in rows if row["current_run_id"]]
        by_run = await _tasks_of(conn, run_ids)
        told: dict[UUID, Told] = {}
        for row in rows:
            try:
                told[row["id"]] = self._told(row, by_run.get(row["current_run_id"], []))
            except (ValueError, TypeError, KeyError, AttributeError):
                _log.exception("status.untold", project_id=str(row["id"]))
        return told

    def _told(self, row: Any, pieces: Sequence["_Piece"]) -> Told:
        view = self._view(row, pieces)
        body = view.model_dump_json(by_alias=True).encode()
        return Told(
            project_id=row["id"],
            user_id=row["user_id"],
            version=row["version"],
            body=body,
            etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
            stalled=view.stalled,
            restless=view.queued_ahead is not None,
            active=view.run_state == RunState.ACTIVE,
        )

    def _view(self, row: Any, pieces: Sequence["_Piece"]) -> StatusView:
        tasks = [piece.task for piece in pieces]
        state = ProjectStatus(row["status"])
        active = row["run_state"] == RunState.ACTIVE
        ready = row["scene_ids"] is not None
        ahead = ahead_of(tasks, row["opened_at"], self.estimates.queue) if active else None
        return StatusView(
            project_id=row["id"],
            status=state,
            step=step_of(state, script_ready=ready, run_kind=row["run_kind"]),
            progress=row["progress"],
            progress_message=row["progress_message"],
            completed_at=row["completed_at"],
            notified=row["notified"],
            script_ready=ready,
            script_version=row["script_version"],
            video_ready=row["video_ready"],
            video_stale=row["video_ready"] and row["video_version"] != row["script_version"],
            run_id=row["current_run_id"],
            run_kind=row["run_kind"],
            run_state=row["run_state"],
            run_opened_at=row["opened_at"],
            stages=_stages(pieces),
            scenes=_scenes(row, tasks),
            eta_seconds=eta(tasks, row["engines"], self.estimates.timings) if active else None,
            queued_ahead=ahead,
            last_seen_at=_last_seen(tasks),
            stalled=active and _stalled(tasks, row["now"]),
            error=_error(row, tasks),
            poll_after_ms=self._poll_after_ms if active else None,
        )


def owned(told: Told | None, user: User) -> Told:
    """Somebody else's project is not there at all."""
    if told is None or told.user_id != user.id:
        raise RefusedError("project_not_found")
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    task: Task
    work_ms: int


def _projects(ids: Collection[UUID]) -> Select[Any]:
    """Only what the answer needs: an article of 20,000 characters stays where it is."""
    plain = (
        "id user_id version status language progress progress_message completed_at notified "
        "script_version current_run_id error video_version"
    )
    return (
        select(
            *(_P.c[name] for name in plain.split()),
            _of_scenes("id").label("scene_ids"),
            _of_scenes("heading").label("headings"),
            _P.c.video.is_not(None).label("video_ready"),
            _R.c.kind.label("run_kind"),
            _R.c.state.label("run_state"),
            _R.c.engines,
            _R.c.opened_at,
            func.now().label("now"),
        )
        .outerjoin(_R, _R.c.id == _P.c.current_run_id)
        .where(_P.c.id.in_(ids), _P.c.deleted_at.is_(None))
    )


def _of_scenes(field: str) -> ColumnElement[list[str] | None]:
    return func.jsonb_path_query_array(_P.c.script, cast(f"$.scenes[*].{field}", JSONPATH))


async def _tasks_of(conn: AsyncConnection, run_ids: Collection[UUID]) -> dict[UUID, list[_Piece]]:
    if not run_ids:
        return {}
    plain = "id run_id stage scene_id position attempt percent weight reused last_seen_at"
    columns = [_T.c[name] for name in plain.split()]
    work_ms = cast(_T.c.manifest["work_ms"].astext, Integer)
    query = (
        select(*columns, _T.c.state, _T.c.error["code"].astext.label("code"), work_ms.label("ms"))
        .where(_T.c.run_id.in_(run_ids))
        .order_by(_T.c.position)
    )
    by_run: dict[UUID, list[_Piece]] = {}
    for row in (await conn.execute(query)).mappings():
        values = {name: row[name] for name in plain.split()}
        task = Task(state=TaskState(row["state"]), note=None, **values)
        by_run.setdefault(task.run_id, []).append(_Piece(task=task, work_ms=row["ms"] or 0))
    return by_run


def _stages(pieces: Sequence[_Piece]) -> list[StageView]:
    views: list[StageView] = []
    for stage in STAGES:
        own = [piece for piece in pieces if piece.task.stage == stage]
        if own:
            tasks = [piece.task for piece in own]
            busy = sum(piece.work_ms for piece in own if not piece.task.reused)
            views.append(
                StageView(
                    stage=stage,
                    percent=stage_percent(tasks),
                    done=sum(task.state is TaskState.DONE for task in tasks),
                    total=len(tasks),
                    reused=sum(task.reused for task in tasks),
                    busy_seconds=round(busy / 1000, 2),
                )
            )
    return views


def _scenes(row: Any, tasks: Sequence[Task]) -> list[SceneView]:
    pieces = {(task.stage, str(task.scene_id)): _piece(task) for task in tasks}
    production = row["run_kind"] == RunKind.PRODUCTION
    return [
        SceneView(
            id=scene_id,
            heading=heading,
            voice=pieces.get(("voice", scene_id)) if production else None,
            visual=pieces.get(("visual", scene_id)) if production else None,
            clip=pieces.get(("clip", scene_id)) if production else None,
        )
        for scene_id, heading in zip(row["scene_ids"] or (), row["headings"] or (), strict=True)
    ]


def _piece(task: Task) -> PieceView:
    return PieceView(
        state=task.state, percent=int(task.percent), attempt=task.attempt, reused=task.reused
    )


def _last_seen(tasks: Sequence[Task]) -> datetime | None:
    """In steps of five seconds: a sign of life alone is no reason to send a page again."""
    seen = max((task.last_seen_at for task in tasks if task.last_seen_at), default=None)
    if seen is None:
        return None
    return seen.replace(second=seen.second // _STEADY_S * _STEADY_S, microsecond=0)


def _stalled(tasks: Sequence[Task], now: datetime) -> bool:
    return any(
        task.state is TaskState.RUNNING
        and task.last_seen_at is not None
        and now - task.last_seen_at > STALLED
        for task in tasks
    )


def _error(row: Any, tasks: Sequence[Task]) -> ErrorView | None:
    """Why the last run failed, and which of its tasks it was (none, when time ran out)."""
    if row["status"] != ProjectStatus.FAILED or row["error"] is None:
        return None
    failure = Failure(**row["error"])
    task = next((task for task in tasks if task.state is TaskState.FAILED), None)
    return ErrorView(
        code=failure.code,
        message=failure_text(failure.code, row["language"]),
        user_can_retry=user_can_retry(failure),
        stage=task.stage if task else None,
        scene=task.position + 1 if task and task.scene_id else None,
        scene_id=task.scene_id if task else None,
    )
