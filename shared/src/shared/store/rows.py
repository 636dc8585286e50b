"""Values of ``shared.state`` ↔ rows. JSON-ready, since whole batches travel as one jsonb
parameter.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import RowMapping

from shared.engines import Engines
from shared.messages.commands import Revision, Source
from shared.messages.facts import Note
from shared.messages.manifest import Manifest
from shared.messages.script import Script
from shared.progress import text
from shared.state import (
    Failure,
    Options,
    Project,
    ProjectStatus,
    Run,
    RunKind,
    RunState,
    Task,
    TaskState,
)

Row = RowMapping | dict[str, Any]
_SOURCE: TypeAdapter[Source] = TypeAdapter(Source)


def project_values(project: Project) -> dict[str, Any]:
    """The columns that decisions change (the user's own input is written once, at creation)."""
    return {
        "id": str(project.id),
        "title": project.title,
        "status": project.status.value,
        "progress": project.progress,
        "progress_message": text(project.message, project.language) if project.message else "",
        "message": _json(project.message),
        "completed_at": iso(project.completed_at),
        "notified": project.notified,
        "script": _json(project.script),
        "script_version": project.script_version,
        "take": project.take,
        "current_run_id": _str(project.current_run_id),
        "error": _failure_json(project.error),
        "video": _json(project.video),
        "video_version": project.video_version,
    }


def options_values(options: Options) -> dict[str, Any]:
    return asdict(options)


def project_from(row: Row) -> Project:
    return Project(
        id=row["id"],
        user_id=row["user_id"],
        title=row["title"],
        language=row["language"],
        source=_SOURCE.validate_python(row["source"]),
        options=Options(**row["options"]),
        status=ProjectStatus(row["status"]),
        script=Script.model_validate(row["script"]) if row["script"] else None,
        script_version=row["script_version"],
        take=row["take"],
        current_run_id=row["current_run_id"],
        progress=row["progress"],
        message=_note(row["message"]),
        error=_failure(row["error"]),
        video=_manifest(row["video"]),
        video_version=row["video_version"],
        completed_at=row["completed_at"],
        notified=row["notified"],
        version=row["version"],
    )


def run_values(run: Run, user_id: str) -> dict[str, Any]:
    return {
        "id": str(run.id),
        "project_id": str(run.project_id),
        "user_id": user_id,
        "kind": run.kind.value,
        "state": run.state.value,
        "engines": asdict(run.engines),
        "script": _json(run.script),
        "script_version": run.script_version,
        "revise": _json(run.revise),
        "take": run.take,
        "authorisation": run.authorisation,
        "percent": run.percent,
        "error": _failure_json(run.error),
        "first_started_at": iso(run.first_started_at),
        "closed_at": iso(run.closed_at),
    }


def run_from(row: Row, tasks: tuple[Task, ...]) -> Run:
    return Run(
        id=row["id"],
        project_id=row["project_id"],
        kind=RunKind(row["kind"]),
        state=RunState(row["state"]),
        engines=Engines(**row["engines"]),
        script=Script.model_validate(row["script"]) if row["script"] else None,
        script_version=row["script_version"],
        revise=Revision.model_validate(row["revise"]) if row["revise"] else None,
        take=row["take"],
        authorisation=row["authorisation"],
        tasks=tasks,
        percent=row["percent"],
        error=_failure(row["error"]),
        opened_at=row["opened_at"],
        first_started_at=row["first_started_at"],
        closed_at=row["closed_at"],
    )


def task_values(task: Task, project: Project) -> dict[str, Any]:
    return {
        "id": str(task.id),
        "run_id": str(task.run_id),
        "project_id": str(project.id),
        "user_id": project.user_id,
        "stage": task.stage,
        "scene_id": _str(task.scene_id),
        "position": task.position,
        "state": task.state.value,
        "dispatch": task.dispatch,
        "delivery": task.delivery,
        "seq": task.seq,
        "attempt": task.attempt,
        "percent": task.percent,
        "weight": task.weight,
        "reused": task.reused,
        "note": _json(task.note),
        "error": _failure_json(task.error),
        "spec_hash": task.spec_hash,
        "manifest": _json(task.manifest),
        "not_before": iso(task.not_before),
        "started_at": iso(task.started_at),
        "finished_at": iso(task.finished_at),
        "last_seen_at": iso(task.last_seen_at),
    }


def task_from(row: Row) -> Task:
    return Task(
        id=row["id"],
        run_id=row["run_id"],
        stage=row["stage"],
        scene_id=row["scene_id"],
        position=row["position"],
        state=TaskState(row["state"]),
        dispatch=row["dispatch"],
        delivery=row["delivery"],
        seq=row["seq"],
        attempt=row["attempt"],
        percent=row["percent"],
        weight=row["weight"],
        reused=row["reused"],
        note=_note(row["note"]),
        error=_failure(row["error"]),
        spec_hash=row["spec_hash"],
        manifest=_manifest(row["manifest"]),
        not_before=row["not_before"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        last_seen_at=row["last_seen_at"],
    )


def _json(value: BaseModel | None) -> Any:
    return None if value is None else value.model_dump(mode="json")


def _failure_json(error: Failure | None) -> Any:
    return None if error is None else asdict(error)


def _failure(value: Any) -> Failure | None:
    return None if value is None else Failure(**value)


def _note(value: Any) -> Note | None:
    return None if value is None else Note.model_validate(value)


def _manifest(value: Any) -> Manifest | None:
    return None if value is None else Manifest.model_validate(value)


def iso(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _str(value: UUID | None) -> str | None:
    return None if value is None else str(value)
