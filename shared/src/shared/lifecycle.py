"""What a project, a run and a task can be, and how each moves on: one table and one lattice, both
pure.
"""

from enum import StrEnum
from typing import Any

from shared.errors import ServiceError
from shared.messages.facts import (
    ClipRendered,
    Fact,
    ScriptWritten,
    TaskFailed,
    TaskProgressed,
    VideoAssembled,
    VisualMade,
    VoiceRecorded,
)
from shared.state import Failure, ProjectStatus, Task, TaskState


class Change(StrEnum):
    """What can happen to a project."""

    GENERATE_SCRIPT = "generate script"
    REVISE = "revise a scene"
    SCRIPT_WRITTEN = "script written, no finished video"
    SCRIPT_REWRITTEN = "script written, with a finished video"
    PRODUCE = "produce"
    VOICES_DONE = "all voices exist"
    ASSEMBLED = "video assembled"
    COMPLETE = "complete"
    FAIL = "run failed"
    REVERT_TO_DRAFT = "cancelled or edited, no finished video"
    REVERT_TO_EDITING = "cancelled or edited, with a finished video"


class TransitionError(ServiceError):
    """The project's status does not allow that change."""

    code = "wrong_status"

    def __init__(self, status: ProjectStatus, change: Change) -> None:
        super().__init__(f"a project in {status} can't: {change}")
        self.status = status


_S = ProjectStatus
_GENERATING = (_S.GENERATING_SCRIPT, _S.GENERATING_AUDIO, _S.GENERATING_VIDEO)
GENERATING = frozenset(_GENERATING)


def _rows(
    sources: tuple[ProjectStatus, ...], change: Change, target: ProjectStatus
) -> dict[tuple[ProjectStatus, Change], ProjectStatus]:
    return {(source, change): target for source in sources}


TRANSITIONS: dict[tuple[ProjectStatus, Change], ProjectStatus] = {
    **_rows((_S.DRAFT, _S.FAILED), Change.GENERATE_SCRIPT, _S.GENERATING_SCRIPT),
    **_rows((_S.DRAFT, _S.EDITING, _S.COMPLETED, _S.FAILED), Change.REVISE, _S.GENERATING_SCRIPT),
    **_rows((_S.GENERATING_SCRIPT,), Change.SCRIPT_WRITTEN, _S.DRAFT),
    **_rows((_S.GENERATING_SCRIPT,), Change.SCRIPT_REWRITTEN, _S.EDITING),
    **_rows((_S.DRAFT, _S.EDITING, _S.FAILED), Change.PRODUCE, _S.GENERATING_AUDIO),
    **_rows((_S.GENERATING_AUDIO,), Change.VOICES_DONE, _S.GENERATING_VIDEO),
    **_rows((_S.GENERATING_VIDEO,), Change.ASSEMBLED, _S.EDITING),
    **_rows((_S.EDITING,), Change.COMPLETE, _S.COMPLETED),
    **_rows(_GENERATING, Change.FAIL, _S.FAILED),
    **_rows((*_GENERATING, _S.DRAFT, _S.FAILED, _S.COMPLETED), Change.REVERT_TO_DRAFT, _S.DRAFT),
    **_rows(
        (*_GENERATING, _S.EDITING, _S.COMPLETED, _S.FAILED), Change.REVERT_TO_EDITING, _S.EDITING
    ),
}


def moved(status: ProjectStatus, change: Change) -> ProjectStatus:
    """The status after ``change``; raises TransitionError where the table has no such row."""
    try:
        return TRANSITIONS[status, change]
    except KeyError:
        raise TransitionError(status, change) from None


RESULTS = (ScriptWritten, VoiceRecorded, VisualMade, ClipRendered, VideoAssembled)


def decisive(fact: Fact) -> bool:
    """Whether it ends its task, or an attempt of it: what follows is then to be decided."""
    return isinstance(fact, (*RESULTS, TaskFailed))


FINAL = (TaskState.DONE, TaskState.DROPPED)
_ORDER = {
    TaskState.WAITING: 0,
    TaskState.READY: 1,
    TaskState.DISPATCHED: 2,
    TaskState.RUNNING: 3,
    TaskState.FAILED: 4,
}
Rank = tuple[int, int, int, int]


def rank(task: Task) -> Rank:
    """Where an unfinished task stands: dispatch first, then state, delivery, seq."""
    return (task.dispatch, _ORDER[task.state], task.delivery, task.seq)


def changed_by(task: Task, fact: Fact) -> dict[str, Any]:
    """What ``fact`` changes of the task, by name.

    A join: commutative, associative and idempotent while the task's run is open, so the order and
    the repeats of facts can't matter. Done stays done; an older position changes only the percent.
    """
    if task.state in FINAL:
        return {}
    if isinstance(fact, RESULTS):
        return {
            "state": TaskState.DONE,
            "dispatch": max(task.dispatch, fact.meta.dispatch),
            "delivery": 0,
            "seq": 0,
            "percent": 100.0,
            "note": None,
            "error": None,
            "manifest": fact.manifest,
        }
    percent = max(task.percent, fact.percent) if isinstance(fact, TaskProgressed) else task.percent
    state = TaskState.FAILED if isinstance(fact, TaskFailed) else TaskState.RUNNING
    meta = fact.meta
    if (meta.dispatch, _ORDER[state], meta.delivery, meta.seq) <= rank(task):
        return {"percent": percent}
    return {
        "state": state,
        "dispatch": meta.dispatch,
        "delivery": meta.delivery,
        "seq": meta.seq,
        "percent": percent,
        "note": fact.note if isinstance(fact, TaskProgressed) else None,
        "error": _failure(fact) if isinstance(fact, TaskFailed) else None,
    }


def _failure(fact: TaskFailed) -> Failure:
    return Failure(
        code=fact.code,
        detail=fact.detail,
        retryable=fact.retryable,
        charge=fact.charge,
        cost=fact.cost,
    )
