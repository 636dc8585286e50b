"""The only writer of commands: it raises the dispatch, marks the task, and puts the command into
the outbox.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.commanding import command_of
from shared.messages.commands import AnyCommand
from shared.messages.milestones import AnyMilestone
from shared.messaging.topology import COMMANDS, CONTROL, MILESTONES, command_queue, milestone_key
from shared.pipeline import Outcome
from shared.state import Project, Run, RunState, Task, TaskState
from shared.store import outbox
from shared.store.aggregate import Event, Held, Saved, log, save


@dataclass(slots=True)
class _Writing:
    """What decisions come to: rows that change, lines for the log, messages for the outbox."""

    changes: list[Saved] = field(default_factory=list[Saved])
    events: list[Event] = field(default_factory=list[Event])
    commands: list[AnyCommand] = field(default_factory=list[AnyCommand])
    milestones: list[AnyMilestone] = field(default_factory=list[AnyMilestone])

    def add(self, held: Held, outcome: Outcome, now: datetime) -> Outcome:
        """The outcome as it will be stored, with what was dispatched."""
        run, sent = dispatched(outcome.project, outcome.run, now)
        before = held.runs.get(run.id)
        stands = outcome.last.project
        self.changes.append(
            Saved(
                before=held.project,
                after=stands,
                run_before=before,
                run=run,
                touched=before is None or before.state is not run.state,
            )
        )
        self.commands += sent
        self.milestones += outcome.milestones
        self.events += _events(before, run, sent)
        then = outcome.then and self.add(
            Held(project=stands, runs={}, deleted=held.deleted), outcome.then, now
        )
        return replace(outcome, run=run, then=then)


async def commit_outcomes(
    conn: AsyncConnection, decided: Sequence[tuple[Held, Outcome]], *, now: datetime
) -> list[Outcome]:
    """Writes decisions under their projects' locks: state, log, due commands and milestones, in
    one transaction.

    Answers the outcomes as stored, with what was dispatched. A run that ``Held`` does not know is
    new.
    """
    writing = _Writing()
    stored = [writing.add(held, outcome, now) for held, outcome in decided]
    await save(conn, writing.changes)
    await log(conn, writing.events)
    commands, milestones = writing.commands, writing.milestones
    await outbox.append(conn, COMMANDS, [(command_queue(c.meta.stage), c) for c in commands])
    await outbox.append(conn, MILESTONES, [(milestone_key(m.type), m) for m in milestones])
    stops = [outbox.stop_message(m) for m in milestones if m.type == "run.cancelled.v1"]
    await outbox.append(conn, CONTROL, [("", stop) for stop in stops])
    return stored


def dispatched(project: Project, run: Run, now: datetime) -> tuple[Run, list[AnyCommand]]:
    """Every ready task that is due, sent: the run with the raised dispatches, and the commands."""
    if run.state is not RunState.ACTIVE:
        return run, []
    due = {
        task.id: replace(
            task, state=TaskState.DISPATCHED, dispatch=task.dispatch + 1, not_before=None
        )
        for task in run.tasks
        if task.state is TaskState.READY and (task.not_before is None or task.not_before <= now)
    }
    run = replace(run, tasks=tuple(due.get(task.id, task) for task in run.tasks))
    return run, [command_of(project, run, task) for task in run.tasks if task.id in due]


def _events(before: Run | None, run: Run, sent: Sequence[AnyCommand]) -> list[Event]:
    events: list[Event] = []
    old = {task.id: task for task in before.tasks} if before else {}
    if before is None:
        data = {"kind": run.kind.value, "script_version": run.script_version, "take": run.take}
        events.append(Event(project_id=run.project_id, run_id=run.id, type="run.opened", data=data))
    events += [
        Event(
            project_id=run.project_id,
            run_id=run.id,
            task_id=command.meta.task_id,
            type="task.dispatched",
            data={"stage": command.meta.stage, "dispatch": command.meta.dispatch},
        )
        for command in sent
    ]
    events += [event for task in run.tasks if (event := _task_event(run, old.get(task.id), task))]
    if run.state is not RunState.ACTIVE and (before is None or before.state is RunState.ACTIVE):
        data = {"state": run.state.value, "percent": run.percent}
        if run.error:
            data["code"] = run.error.code
        events.append(Event(project_id=run.project_id, run_id=run.id, type="run.closed", data=data))
    return events


def _task_event(run: Run, before: Task | None, task: Task) -> Event | None:
    """What became of a task: done, or one attempt of it over."""
    if task.state is TaskState.DONE and (before is None or before.state is not TaskState.DONE):
        data: dict[str, Any] = {"stage": task.stage, "reused": task.reused, "key": task.spec_hash}
        kind = "task.done"
    elif before and task.error and (task.attempt > before.attempt or _failed(before, task)):
        data = {"stage": task.stage, "attempt": before.attempt, "code": task.error.code}
        kind = "task.failed"
    else:
        return None
    return Event(project_id=run.project_id, run_id=run.id, task_id=task.id, type=kind, data=data)


def _failed(before: Task, task: Task) -> bool:
    return task.state is TaskState.FAILED and before.state is not TaskState.FAILED
