"""Values of ``shared.state`` ↔ rows. JSON-ready, since whole batches travel as one jsonb
parameter.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel, TypeAdapter

from shared.engines import Engines
from shared.messages.commands import Revision, Source, Topic
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

_M = TypeVar("_M", bound=BaseModel)
Row = Mapping[str, Any]
_SOURCE: TypeAdapter[Source] = TypeAdapter(Source)
UNREAD: Final = Topic(text="…")
TASK: Final = tuple(field.name for field in fields(Task))
_TASK_STATES: Final = {state.value: state for state in TaskState}


@dataclass(frozen=True, slots=True)
class _Column:
    """One column: the attribute that it shows, and its JSON-ready value."""

    attribute: str
    value: Callable[[Any], Any] | None = None

    def of(self, whole: Any) -> Any:
        value = getattr(whole, self.attribute)
        return self.value(value) if self.value else value


def _plain(*names: str) -> dict[str, _Column]:
    return {name: _Column(name) for name in names}


def project_values(project: Project) -> dict[str, Any]:
    """The columns that decisions change (the user's own input is written once, at creation)."""
    values = {name: column.of(project) for name, column in _PROJECT.columns.items()}
    return {"id": str(project.id), **values, "progress_message": _words(project)}


def project_changes(before: Project, after: Project) -> dict[str, Any]:
    """The columns to write for ``after`` to stand where ``before`` stood; so too for the others."""
    changes = _changes(_PROJECT, before, after)
    if "message" in changes:
        changes["progress_message"] = _words(after)
    return changes


def _words(project: Project) -> str:
    return text(project.message, project.language) if project.message else ""


def _changes(table: "_Columns", before: Any, after: Any) -> dict[str, Any]:
    """Those that differ, with those that often change beside them: each combination of sets of
    columns is a statement, and the database keeps a hundred of them prepared.
    """
    if before is after:
        return {}
    values = zip(table.columns, table.read(before), table.read(after), strict=True)
    differing = {name for name, old, new in values if old is not new and old != new}
    if not differing:
        return {}
    short = differing - _LONG
    usual = next((names for names in table.together if short <= names.keys()), sorted(short))
    return {name: table.columns[name].of(after) for name in (*usual, *sorted(differing & _LONG))}


def options_values(options: Options) -> dict[str, Any]:
    return asdict(options)


def project_from(row: Row, *, brief: bool = False) -> Project:
    """``brief``: the row was read without its texts."""
    return Project(
        id=row["id"],
        user_id=row["user_id"],
        title=row["title"],
        language=row["language"],
        source=UNREAD if brief else _SOURCE.validate_python(row["source"]),
        options=Options(**row["options"]),
        status=ProjectStatus(row["status"]),
        script=_model(Script, row["script"]),
        script_version=row["script_version"],
        take=row["take"],
        current_run_id=row["current_run_id"],
        progress=row["progress"],
        message=_model(Note, row["message"]),
        error=_failure(row["error"]),
        video=_model(Manifest, row["video"]),
        video_version=row["video_version"],
        completed_at=row["completed_at"],
        notified=row["notified"],
        version=row["version"],
    )


def run_values(run: Run, user_id: str) -> dict[str, Any]:
    values = {name: column.of(run) for name, column in _RUN.columns.items()}
    owner = {"project_id": str(run.project_id), "user_id": user_id}
    return {"id": str(run.id), **owner, **values}


def run_changes(before: Run, after: Run) -> dict[str, Any]:
    return _changes(_RUN, before, after)


def run_from(row: Row, tasks: tuple[Task, ...]) -> Run:
    return Run(
        id=row["id"],
        project_id=row["project_id"],
        kind=RunKind(row["kind"]),
        state=RunState(row["state"]),
        engines=Engines(**row["engines"]),
        script=_model(Script, row["script"]),
        script_version=row["script_version"],
        revise=_model(Revision, row["revise"]),
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
    values = {name: column.of(task) for name, column in _TASK.columns.items()}
    owner = {"project_id": str(project.id), "user_id": project.user_id}
    return {"id": str(task.id), **owner, **values}


def task_changes(before: Task, after: Task) -> dict[str, Any]:
    return _changes(_TASK, before, after)


def task_from(row: Row) -> Task:
    """``row`` needs no more columns than ``TASK``."""
    return Task(
        id=row["id"],
        run_id=row["run_id"],
        stage=row["stage"],
        scene_id=row["scene_id"],
        position=row["position"],
        state=_TASK_STATES[row["state"]],
        dispatch=row["dispatch"],
        delivery=row["delivery"],
        seq=row["seq"],
        attempt=row["attempt"],
        percent=row["percent"],
        weight=row["weight"],
        reused=row["reused"],
        note=_model(Note, row["note"]),
        error=_failure(row["error"]),
        spec_hash=row["spec_hash"],
        manifest=_model(Manifest, row["manifest"]),
        not_before=row["not_before"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        last_seen_at=row["last_seen_at"],
    )


def _json(value: BaseModel | None) -> Any:
    return None if value is None else value.model_dump(mode="json")


def _failure_json(error: Failure | None) -> Any:
    """Without what its calls cost, which only the log tells (``history``)."""
    if error is None:
        return None
    return {"code": error.code, "detail": error.detail, "retryable": error.retryable}


def _failure(value: Any) -> Failure | None:
    return None if value is None else Failure(**value)


def _model(model: type[_M], value: Any) -> _M | None:
    return None if value is None else model.model_validate(value)


@lru_cache(maxsize=1_024)
def iso(value: datetime | None) -> str | None:
    """As JSON has it, in UTC like all that the database tells; facts that are written together
    have one date.
    """
    return None if value is None else value.isoformat()


def _str(value: UUID | None) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True)
class _Columns:
    """``together``: which are written together when one of them changes, the first set that has
    all the changed ones. What is long is written only where it changes.
    """

    columns: Mapping[str, _Column]
    together: tuple[Mapping[str, None], ...]  # each a set that keeps its order

    @cached_property
    def read(self) -> Callable[[Any], tuple[Any, ...]]:
        """What all of them show."""
        return attrgetter(*(column.attribute for column in self.columns.values()))


def _set(*names: str) -> dict[str, None]:
    return dict.fromkeys(names)


_LONG = frozenset({"script", "revise", "video", "manifest"})
_SEEN = _set(
    "state", "dispatch", "delivery", "seq", "percent", "note", "started_at", "last_seen_at"
)
_FOLLOWED = _set("status", "progress", "message")
_PROJECT = _Columns(
    {
        **_plain("title", "progress", "notified", "script_version", "take", "video_version"),
        "status": _Column("status", attrgetter("value")),
        "message": _Column("message", _json),
        "completed_at": _Column("completed_at", iso),
        "script": _Column("script", _json),
        "current_run_id": _Column("current_run_id", _str),
        "error": _Column("error", _failure_json),
        "video": _Column("video", _json),
    },
    (
        _FOLLOWED,
        _FOLLOWED | _set("error", "notified", "completed_at"),
        _FOLLOWED | _set("error", "notified", "completed_at", "video_version"),
    ),
)
_RUN = _Columns(
    {
        **_plain("script_version", "take", "authorisation", "percent"),
        "kind": _Column("kind", attrgetter("value")),
        "state": _Column("state", attrgetter("value")),
        "engines": _Column("engines", asdict),
        "script": _Column("script", _json),
        "revise": _Column("revise", _json),
        "error": _Column("error", _failure_json),
        "first_started_at": _Column("first_started_at", iso),
        "closed_at": _Column("closed_at", iso),
    },
    (
        _set("percent", "first_started_at"),
        _set("percent", "first_started_at", "state", "error", "closed_at"),
    ),
)
_TASK = _Columns(
    {
        **_plain("stage", "position", "dispatch", "delivery", "seq", "attempt"),
        **_plain("percent", "weight", "reused", "spec_hash"),
        "run_id": _Column("run_id", _str),
        "scene_id": _Column("scene_id", _str),
        "state": _Column("state", attrgetter("value")),
        "note": _Column("note", _json),
        "error": _Column("error", _failure_json),
        "manifest": _Column("manifest", _json),
        "not_before": _Column("not_before", iso),
        "started_at": _Column("started_at", iso),
        "finished_at": _Column("finished_at", iso),
        "last_seen_at": _Column("last_seen_at", iso),
    },
    (
        _SEEN,
        _set("state", "dispatch", "delivery", "seq", "attempt", "not_before", "spec_hash"),
        _SEEN | _set("error", "finished_at"),
    ),
)
