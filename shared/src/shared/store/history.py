"""The project's log: what a decision adds to it, so that the same state can be folded out of it
again.

``data`` is for the timeline that a user reads; ``state`` holds rows as they stood, for rebuilding.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from shared.messages.commands import AnyCommand
from shared.state import Project, Run, RunKind, RunState, Task, TaskState
from shared.store import rows
from shared.store.aggregate import Event, Saved

_ELSEWHERE = frozenset({"project_id", "user_id", "run_id", "last_seen_at", "delivery", "seq"})


def happened(saved: Saved, run: Run, sent: Sequence[AnyCommand]) -> Iterator[Event]:
    """The lines of one decision on ``run``, the run of what is saved."""
    project, before = saved.after, saved.run_before
    if before is None:
        yield _opened(project, run)
    changes = saved.tasks if before else [(None, task) for task in run.tasks]
    for past, task in changes:
        yield from _task_lines(project, run, past, task)
    attempts = {task.id: task.attempt for task in run.tasks} if sent else {}
    for meta in (command.meta for command in sent):
        data = {"stage": meta.stage, "dispatch": meta.dispatch, "attempt": attempts[meta.task_id]}
        yield _line(run, "task.dispatched", data, task=meta.task_id)
    if run.state is not RunState.ACTIVE and (before is None or before.state is RunState.ACTIVE):
        yield _closed(project, run)


def created(project: Project) -> Event:
    """The user's own input, which no other line holds."""
    state = {
        "title": project.title,
        "language": project.language,
        "source": project.source.model_dump(mode="json"),
        "options": rows.options_values(project.options),
    }
    return Event(project_id=project.id, type="project.created", state=state)


def changed(project: Project) -> Event:
    """Another title or other options."""
    state = {
        "title": project.title,
        "options": rows.options_values(project.options),
        "script_version": project.script_version,
        "status": project.status.value,
    }
    return Event(project_id=project.id, type="project.changed", state=state)


def edited(project: Project) -> Event:
    values = rows.project_values(project)
    return Event(
        project_id=project.id,
        type="script.edited",
        data={"version": project.script_version},
        state={name: values[name] for name in ("script", "script_version", "status", "message")},
    )


def _opened(project: Project, run: Run) -> Event:
    data: dict[str, Any] = {"kind": run.kind.value, "script_version": run.script_version}
    data["take"] = run.take
    if run.revise:
        data["revise"] = {"scene_id": str(run.revise.scene_id), "kind": run.revise.kind}
    state = {
        "run": {**rows.run_values(run, project.user_id), "opened_at": rows.iso(run.opened_at)},
        "tasks": [_task_state(task, project) for task in run.tasks],
    }
    return _line(run, "run.opened", data, state=state)


def _closed(project: Project, run: Run) -> Event:
    data: dict[str, Any] = {"state": run.state.value, "percent": run.percent}
    if run.error:
        data["code"] = run.error.code
    values = rows.run_values(run, project.user_id)
    del values["revise"]  # as it was asked for at the opening
    if run.kind is RunKind.PRODUCTION:
        del values["script"]  # as it was pinned then
    unfinished = [task for task in run.tasks if task.state is not TaskState.DONE]
    state = {"run": values, "tasks": [_task_state(task, project) for task in unfinished]}
    return _line(run, "run.closed", data, state=state)


def _task_lines(project: Project, run: Run, before: Task | None, task: Task) -> Iterator[Event]:
    """What became of a task: done, or one attempt of it over."""
    if task.state is TaskState.DONE and (before is None or before.state is not TaskState.DONE):
        data: dict[str, Any] = {"stage": task.stage, "reused": task.reused, "key": task.spec_hash}
        data["attempt"] = task.attempt
        kind = "task.done"
    elif before and task.error and (task.attempt > before.attempt or _failed(before, task)):
        data = {"stage": task.stage, "attempt": before.attempt, "code": task.error.code}
        if task.error.charge:
            data |= {"charge": task.error.charge, "cost": task.error.cost}
        kind = "task.failed"
    else:
        return
    yield _line(run, kind, data, task=task.id, state={"tasks": [_task_state(task, project)]})


def _failed(before: Task, task: Task) -> bool:
    return task.state is TaskState.FAILED and before.state is not TaskState.FAILED


def _task_state(task: Task, project: Project) -> dict[str, Any]:
    values = rows.task_values(task, project)
    return {name: value for name, value in values.items() if name not in _ELSEWHERE}


def _line(
    run: Run, kind: str, data: dict[str, Any], *, task: Any = None, state: Any = None
) -> Event:
    return Event(
        project_id=run.project_id, run_id=run.id, task_id=task, type=kind, data=data, state=state
    )
