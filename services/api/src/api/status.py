"""How far projects are: the answer that pages poll and streams send, read for many at once."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import User
from api.errors import RefusedError
from api.estimates import Estimates, ahead_of, eta
from api.following_views import ErrorView, PieceView, SceneView, StageView, StatusView
from api.status_rows import Row, TaskRow, rows_of, scenes_of
from api.views import step_of
from shared.messages.base import Stage
from shared.messaging.topology import STAGES
from shared.progress import failure_text, stage_percent, user_can_retry
from shared.state import Failure, ProjectStatus, RunKind, RunState, TaskState

_log = structlog.get_logger()
STALLED: Final = timedelta(seconds=15)
_STEADY_S: Final = 5


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

    @property
    def is_farewell(self) -> bool:
        """Which goes out whatever version it is of: who sends it may be behind."""
        return self.event == "deleted"


def farewell(project_id: UUID, user_id: str, version: int) -> Told:
    """What the streams of all of a user's projects say of one that was deleted. Its status may come
    after it: a project that is restored has a higher version than ``version``.
    """
    body = f'{{"projectId":"{project_id}"}}'.encode()
    return Told(
        project_id=project_id,
        user_id=user_id,
        version=version,
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
        rows, by_run = await rows_of(conn, ids)
        told: dict[UUID, Told] = {}
        for row in rows:
            try:
                told[row["id"]] = self._told(row, by_run.get(row["current_run_id"], []))
            except (ValueError, TypeError, KeyError, AttributeError):
                _log.exception("status.untold", project_id=str(row["id"]))
        return told

    def _told(self, row: Row, tasks: Sequence[TaskRow]) -> Told:
        view = self._view(row, tasks)
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

    def _view(self, row: Row, tasks: Sequence[TaskRow]) -> StatusView:
        state = ProjectStatus(row["status"])
        active = row["run_state"] == RunState.ACTIVE
        scenes = scenes_of(row)
        ahead = ahead_of(tasks, row["opened_at"], self.estimates.queue) if active else None
        return StatusView(
            project_id=row["id"],
            status=state,
            step=step_of(state, script_ready=scenes is not None, run_kind=row["run_kind"]),
            progress=row["progress"],
            progress_message=row["progress_message"],
            completed_at=row["completed_at"],
            notified=row["notified"],
            script_ready=scenes is not None,
            script_version=row["script_version"],
            video_ready=row["video_ready"],
            video_stale=row["video_ready"] and row["video_version"] != row["script_version"],
            run_id=row["current_run_id"],
            run_kind=row["run_kind"],
            run_state=row["run_state"],
            run_opened_at=row["opened_at"],
            stages=_stages(tasks),
            scenes=_scenes(row["run_kind"], scenes or (), tasks),
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


def _stages(tasks: Sequence[TaskRow]) -> list[StageView]:
    own: dict[Stage, list[TaskRow]] = {}
    for task in tasks:
        own.setdefault(task.stage, []).append(task)
    return [_stage(stage, own[stage]) for stage in STAGES if stage in own]


def _stage(stage: Stage, own: Sequence[TaskRow]) -> StageView:
    busy = sum(task.work_ms for task in own if not task.reused)
    return StageView(
        stage=stage,
        percent=stage_percent(own),
        done=sum(task.state is TaskState.DONE for task in own),
        total=len(own),
        reused=sum(task.reused for task in own),
        busy_seconds=round(busy / 1000, 2),
    )


def _scenes(
    kind: str | None, scenes: Iterable[tuple[UUID, str]], tasks: Sequence[TaskRow]
) -> list[SceneView]:
    shown = tasks if kind == RunKind.PRODUCTION else ()
    pieces = {(task.stage, task.scene_id): _piece(task) for task in shown if task.scene_id}
    return [
        SceneView(
            id=scene_id,
            heading=heading,
            voice=pieces.get(("voice", scene_id)),
            visual=pieces.get(("visual", scene_id)),
            clip=pieces.get(("clip", scene_id)),
        )
        for scene_id, heading in scenes
    ]


def _piece(task: TaskRow) -> PieceView:
    return PieceView(
        state=task.state, percent=int(task.percent), attempt=task.attempt, reused=task.reused
    )


def _last_seen(tasks: Sequence[TaskRow]) -> datetime | None:
    """In steps of five seconds: a sign of life alone is no reason to send a page again."""
    seen = max((task.last_seen_at for task in tasks if task.last_seen_at), default=None)
    if seen is None:
        return None
    return seen.replace(second=seen.second // _STEADY_S * _STEADY_S, microsecond=0)


def _stalled(tasks: Sequence[TaskRow], now: datetime) -> bool:
    return any(
        task.state is TaskState.RUNNING
        and task.last_seen_at is not None
        and now - task.last_seen_at > STALLED
        for task in tasks
    )


def _error(row: Row, tasks: Sequence[TaskRow]) -> ErrorView | None:
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
