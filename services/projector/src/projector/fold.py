"""Facts → run: the lattice of ``shared.lifecycle`` over a run's tasks, and what is noted beside
it. Pure.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from shared.lifecycle import RESULTS, changed_by
from shared.messages.base import derived_id
from shared.messages.facts import Fact, ScriptWritten, TaskFailed
from shared.state import Run, Task, TaskState
from shared.storable import storable
from shared.values import replace

# Greater than any delivery that a worker can state: the task has been given up.
LAST_DELIVERY: Final = 2**31 - 1
_OUTCOMES: Final = ("still_running", "stopped", "finished_anyway")
_CHARGES: Final = {"not charged": 1, "unknown": 2, "charged": 3}


def folded(run: Run, facts: Iterable[Fact], now: datetime) -> Run:
    """The open run after ``facts``, in whatever order and however often they come.

    ``now`` is the database's clock; it dates the signs of life, never the order.
    """
    tasks = {task.id: task for task in run.tasks}
    script = run.script
    for fact in facts:
        task = tasks.get(fact.meta.task_id)
        if task is None:
            continue
        tasks[task.id] = _told(task, fact, now)
        if isinstance(fact, ScriptWritten) and script is None:
            script = fact.script
    first = run.first_started_at
    if first is None:
        started = [task.started_at for task in tasks.values() if task.started_at]
        first = min(started) if started else None
    return replace(run, tasks=tuple(tasks.values()), script=script, first_started_at=first)


def _told(task: Task, fact: Fact, now: datetime) -> Task:
    """The task after ``fact``, dated."""
    if task.state is TaskState.DONE:
        return task
    changes = changed_by(task, fact)
    state = changes.get("state", task.state)
    if fact.meta.dispatch >= changes.get("dispatch", task.dispatch):
        changes["last_seen_at"] = now
    if task.started_at is None and (state is TaskState.RUNNING or state is TaskState.DONE):
        changes["started_at"] = now
    if state is TaskState.DONE:
        changes["finished_at"] = now
    return replace(task, **changes)


def given_up(fact: Fact, reason: str) -> TaskFailed | None:
    """The end of a task whose last word, ``fact``, can't be applied; None for any other fact."""
    if not isinstance(fact, (*RESULTS, TaskFailed)):
        return None
    place = {"message_id": derived_id(fact.meta.message_id, "gave up"), "delivery": LAST_DELIVERY}
    meta = fact.meta.model_copy(update=place)
    return TaskFailed(meta=meta, code="internal", detail=storable(reason)[:2000], retryable=False)


def after_close(fact: Fact) -> dict[str, Any]:
    """What a fact that came too late tells: whether the work finished anyway, stopped, or went on
    a while.
    """
    if isinstance(fact, RESULTS):
        cost = fact.manifest.cost
        paid = {"charge": "charged", "cost": cost} if cost else {}
        return {"outcome": "finished_anyway", **paid}
    if isinstance(fact, TaskFailed):
        paid = {"charge": fact.charge, "cost": fact.cost} if fact.charge else {}
        return {"outcome": "stopped", "code": fact.code, **paid}
    return {"outcome": "still_running"}


def noted(known: dict[str, Any] | None, told: dict[str, Any]) -> dict[str, Any]:
    """The note that stands when ``told`` comes to ``known``, in whatever order notes come: an end
    before a sign of life, and what is known of the cost before what is not.
    """
    return told if known is None else max(known, told, key=_weight)


def _weight(note: dict[str, Any]) -> tuple[int, int, str]:
    charge = _CHARGES.get(note.get("charge", ""), 0)
    return _OUTCOMES.index(note["outcome"]), charge, json.dumps(note, sort_keys=True)
