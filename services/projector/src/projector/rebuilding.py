"""A project's log, folded again into the state that it once brought about. Pure.

Runs end by the very functions that ended them first (``shared.pipeline``), so what comes out the
same proves that the rows were reached by the rules. Not promised: ``version``, ``touched_at``, a
task's delivery, seq and last sign of life; and the text of a script that is edited is a source, not
something derived.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter

from shared import openings, pipeline
from shared.errors import ServiceError
from shared.lifecycle import Change, moved
from shared.messages.commands import Source
from shared.messages.facts import Note
from shared.messages.script import Script
from shared.state import Options, Project, ProjectStatus, Run, RunState, Task
from shared.store import rows, tables
from shared.store.recordset import typed
from shared.values import replace

_SOURCE: TypeAdapter[Source] = TypeAdapter(Source)


class LogIncompleteError(ServiceError):
    """The log does not reach back to the beginning, or was written by an older version."""

    code = "log_incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the log, in its order."""

    type: str
    run_id: UUID | None
    at: datetime
    state: Mapping[str, Any] | None


@dataclass(slots=True)
class Rebuilt:
    """What the log says: the project, its runs, and when the user was told of which of them."""

    project: Project
    runs: dict[UUID, Run] = field(default_factory=dict[UUID, Run])
    told: dict[UUID, datetime] = field(default_factory=dict[UUID, datetime])
    deleted_at: datetime | None = None


def rebuilt(project_id: UUID, user_id: str, lines: Iterable[Line]) -> Rebuilt:
    """Raises LogIncompleteError."""
    lines = iter(lines)
    first = next(lines, None)
    if first is None or first.type != "project.created" or first.state is None:
        raise LogIncompleteError(f"the log of {project_id} has no beginning")
    state = first.state
    found = Rebuilt(
        Project(
            id=project_id,
            user_id=user_id,
            title=state["title"],
            language=state["language"],
            source=_SOURCE.validate_python(state["source"]),
            options=Options(**state["options"]),
        )
    )
    for line in lines:
        step = _STEPS.get(line.type)
        if step is not None:
            step(found, line)
    return found


def _changed(found: Rebuilt, line: Line) -> None:
    state = _state(line)
    found.project = replace(
        found.project,
        title=state["title"],
        options=Options(**state["options"]),
        script_version=state["script_version"],
        status=ProjectStatus(state["status"]),
    )


def _edited(found: Rebuilt, line: Line) -> None:
    state = _state(line)
    found.project = replace(
        found.project,
        script=Script.model_validate(state["script"]),
        script_version=state["script_version"],
        status=ProjectStatus(state["status"]),
        message=Note.model_validate(state["message"]),
        error=None,
    )


def _opened(found: Rebuilt, line: Line) -> None:
    state = _state(line)
    run = _run(state["run"], tuple(_task(values, line) for values in state["tasks"]))
    found.project = openings.opened(found.project, run)
    found.runs[run.id] = run


def _worked(found: Rebuilt, line: Line) -> None:
    """Tasks as the line has them; the others as they were."""
    run = _open(found, line)
    new = {task.id: task for task in (_task(values, line) for values in _state(line)["tasks"])}
    found.runs[run.id] = replace(run, tasks=tuple(new.get(task.id, task) for task in run.tasks))


def _closed(found: Rebuilt, line: Line) -> None:
    """The run ends as its row says, the project as the pipeline decides."""
    _worked(found, line)
    run = _open(found, line)
    ended = _run(
        {
            "script": run.script.model_dump(mode="json") if run.script else None,
            **_state(line)["run"],
        },
        run.tasks,
    )
    if ended.state is RunState.DONE:
        open_again = replace(run, script=ended.script, percent=ended.percent)
        outcome = pipeline.finished(found.project, open_again, line.at)
    else:
        outcome = pipeline.closed(found.project, run, ended.state, now=line.at, error=ended.error)
    progress = outcome.project.progress if ended.state is RunState.DONE else ended.percent
    found.project = replace(outcome.project, progress=progress)
    found.runs[run.id] = replace(
        outcome.run,
        percent=ended.percent,
        first_started_at=ended.first_started_at,
        closed_at=ended.closed_at,
        opened_at=run.opened_at,
        tasks=run.tasks,
    )


def _completed(found: Rebuilt, _: Line) -> None:
    found.project = replace(
        found.project,
        status=moved(found.project.status, Change.COMPLETE),
        message=Note(code="project_completed"),
    )


def _notified(found: Rebuilt, line: Line) -> None:
    if line.run_id is not None:
        found.told[line.run_id] = line.at
    ended = [run for run in found.runs.values() if run.closed_at is not None]
    last = max(ended, key=lambda run: run.closed_at or line.at, default=None)
    if last is not None and last.id == line.run_id:
        found.project = replace(found.project, notified=True)


def _deleted(found: Rebuilt, line: Line) -> None:
    found.deleted_at = line.at


def _restored(found: Rebuilt, _: Line) -> None:
    found.deleted_at = None


_STEPS: Final[Mapping[str, Callable[[Rebuilt, Line], None]]] = {
    "project.changed": _changed,
    "script.edited": _edited,
    "run.opened": _opened,
    "task.done": _worked,
    "task.failed": _worked,
    "run.closed": _closed,
    "project.completed": _completed,
    "project.notified": _notified,
    "project.deleted": _deleted,
    "project.restored": _restored,
}


def _state(line: Line) -> Mapping[str, Any]:
    if line.state is None:
        raise LogIncompleteError(f"a line {line.type} of an older version")
    return line.state


def _open(found: Rebuilt, line: Line) -> Run:
    run = found.runs.get(line.run_id) if line.run_id else None
    if run is None:
        raise LogIncompleteError(f"{line.type} of a run whose opening is not in the log")
    return run


def _run(values: Mapping[str, Any], tasks: tuple[Task, ...]) -> Run:
    row = {"opened_at": None, "revise": None, **values}
    return rows.run_from(typed(tables.runs, row), tasks)


def _task(values: Mapping[str, Any], line: Line) -> Task:
    row = {"run_id": str(line.run_id), "delivery": 0, "seq": 0, "last_seen_at": None, **values}
    return rows.task_from(typed(tables.tasks, row))


def difference(stored: Rebuilt, again: Rebuilt) -> list[str]:
    """Where the rows and the log disagree, in words; empty when they agree."""
    found = _differing("project", stored.project, again.project, ignore={"version", "extra"})
    if stored.told.keys() != again.told.keys():
        found.append("which runs the user was told of")
    if stored.deleted_at != again.deleted_at:
        found.append("whether it is deleted")
    for run_id in stored.runs.keys() | again.runs.keys():
        mine, other = stored.runs.get(run_id), again.runs.get(run_id)
        if mine is None or other is None:
            found.append(f"run {run_id} is only in the {'rows' if mine else 'log'}")
            continue
        found += _differing(f"run {run_id}", mine, other, ignore={"tasks"})
        found += _differing_tasks(mine, other)
    return found


def _differing_tasks(mine: Run, other: Run) -> list[str]:
    found: list[str] = []
    old, new = ({task.id: task for task in run.tasks} for run in (mine, other))
    for task_id in old | new:
        if task_id not in old or task_id not in new:
            found.append(f"task {task_id} is only in the {'rows' if task_id in old else 'log'}")
            continue
        ignored = {"delivery", "seq", "last_seen_at"}
        found += _differing(f"task {task_id}", old[task_id], new[task_id], ignore=ignored)
    return found


def _differing(name: str, stored: Any, again: Any, *, ignore: set[str]) -> list[str]:
    return [
        f"{name}: {attribute} is {getattr(stored, attribute)!r}, the log says "
        f"{getattr(again, attribute)!r}"
        for attribute in stored.__dataclass_fields__
        if attribute not in ignore and getattr(stored, attribute) != getattr(again, attribute)
    ]
