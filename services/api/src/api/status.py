"""How far a project is: the answer that pages poll, in three statements by key."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import User
from api.errors import RefusedError
from api.views import ErrorView, PieceView, SceneView, StageView, StatusView, step_of
from shared.messages.script import Script
from shared.progress import failure_text, stage_percent
from shared.state import ProjectStatus, RunKind, RunState, Task, TaskState
from shared.store import rows, tables

STALLED: Final = timedelta(seconds=15)
_STEADY_S: Final = 5
_HOPELESS: Final = frozenset({"source_empty"})
_P, _R, _T = tables.projects, tables.runs, tables.tasks


async def status(
    conn: AsyncConnection, user: User, project_id: UUID, poll_after_ms: int
) -> StatusView:
    """The project's last run, active or ended, with its stages and scenes."""
    query = (
        select(
            _P, _R.c.kind.label("run_kind"), _R.c.state.label("run_state"), func.now().label("now")
        )
        .outerjoin(_R, _R.c.id == _P.c.current_run_id)
        .where(_P.c.id == project_id, _P.c.user_id == user.id, _P.c.deleted_at.is_(None))
    )
    row = (await conn.execute(query)).mappings().one_or_none()
    if row is None:
        raise RefusedError("project_not_found")
    found = await conn.execute(
        select(_T).where(_T.c.run_id == row["current_run_id"]).order_by(_T.c.position)
    )
    tasks = [rows.task_from(task) for task in found.mappings()]
    state = ProjectStatus(row["status"])
    active = row["run_state"] == RunState.ACTIVE
    ready = row["script"] is not None
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
        video_ready=row["video"] is not None,
        video_stale=row["video"] is not None and row["video_version"] != row["script_version"],
        run_id=row["current_run_id"],
        run_kind=row["run_kind"],
        run_state=row["run_state"],
        stages=_stages(tasks),
        scenes=_scenes(row, tasks),
        last_seen_at=_last_seen(tasks),
        stalled=active and _stalled(tasks, row["now"]),
        error=_error(row),
        poll_after_ms=poll_after_ms if active else None,
    )


def _stages(tasks: Sequence[Task]) -> list[StageView]:
    views: list[StageView] = []
    for stage in ("script", "voice", "clip", "assembly"):
        own = [task for task in tasks if task.stage == stage]
        if own:
            busy = sum(t.manifest.work_ms for t in own if t.manifest and not t.reused)
            views.append(
                StageView(
                    stage=stage,
                    percent=stage_percent(own),
                    done=sum(task.state is TaskState.DONE for task in own),
                    total=len(own),
                    reused=sum(task.reused for task in own),
                    busy_seconds=round(busy / 1000, 2),
                )
            )
    return views


def _scenes(row: Any, tasks: Sequence[Task]) -> list[SceneView]:
    if row["script"] is None:
        return []
    pieces = {(task.stage, task.scene_id): _piece(task) for task in tasks}
    production = row["run_kind"] == RunKind.PRODUCTION
    return [
        SceneView(
            id=scene.id,
            heading=scene.heading,
            voice=pieces.get(("voice", scene.id)) if production else None,
            clip=pieces.get(("clip", scene.id)) if production else None,
        )
        for scene in Script.model_validate(row["script"]).scenes
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


def _error(row: Any) -> ErrorView | None:
    if row["status"] != ProjectStatus.FAILED or row["error"] is None:
        return None
    code = row["error"]["code"]
    return ErrorView(
        code=code,
        message=failure_text(code, row["language"]),
        user_can_retry=code not in _HOPELESS,
    )
