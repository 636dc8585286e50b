"""A project, its run and its tasks as plain values: what is read from the store, decided on, and
written back.
"""

from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, get_args
from uuid import UUID

from shared.engines import Engines
from shared.messages.base import Aspect, CaptionStyle, Language, Stage
from shared.messages.commands import Revision, Source
from shared.messages.facts import Note
from shared.messages.manifest import Manifest
from shared.messages.script import Script
from shared.values import value

_STAGES: Final = get_args(Stage)


class ProjectStatus(StrEnum):
    DRAFT = "DRAFT"
    GENERATING_SCRIPT = "GENERATING_SCRIPT"
    GENERATING_AUDIO = "GENERATING_AUDIO"
    GENERATING_VIDEO = "GENERATING_VIDEO"
    EDITING = "EDITING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class RunKind(StrEnum):
    SCRIPT = "script"
    PRODUCTION = "production"


class RunState(StrEnum):
    ACTIVE = "active"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TaskState(StrEnum):
    WAITING = "waiting"
    READY = "ready"
    DISPATCHED = "dispatched"
    RUNNING = "running"
    FAILED = "failed"
    DONE = "done"
    DROPPED = "dropped"


@value
class Failure:
    """Why something ended badly; ``code`` is stable, ``detail`` is for people. ``charge`` and
    ``cost``: of its paid calls, as ``TaskFailed`` has them.
    """

    code: str
    detail: str = ""
    retryable: bool
    charge: str | None = None
    cost: dict[str, float] | None = None


@value
class Task:
    """One piece of work. ``weight`` is its expected seconds, frozen; ``attempt`` counts from 1."""

    id: UUID
    run_id: UUID
    stage: Stage
    scene_id: UUID | None = None
    position: int = 0
    state: TaskState = TaskState.WAITING
    dispatch: int = 0
    delivery: int = 0
    seq: int = 0
    attempt: int = 1
    percent: float = 0.0
    weight: float = 1.0
    reused: bool = False
    note: Note | None = None
    error: Failure | None = None
    spec_hash: str | None = None
    manifest: Manifest | None = None
    not_before: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    last_seen_at: datetime | None = None


@value
class Run:
    """One generation attempt that a user asked for. ``script`` is the version it pins, or the one
    it wrote. ``authorisation`` counts how often the user agreed to pay again; ``revise`` says that
    a script run does one scene again.
    """

    id: UUID
    project_id: UUID
    kind: RunKind
    state: RunState = RunState.ACTIVE
    engines: Engines = field(default_factory=Engines)
    script: Script | None = None
    script_version: int | None = None
    revise: Revision | None = None
    take: int = 1
    authorisation: int = 0
    tasks: tuple[Task, ...] = ()
    percent: int = 0
    error: Failure | None = None
    opened_at: datetime | None = None
    first_started_at: datetime | None = None
    closed_at: datetime | None = None


def pipeline_place(task: Task) -> tuple[int, int, int]:
    """By which the tasks of a run are ordered: scene by scene, and the assembly last."""
    return (task.stage == "assembly", task.position, _STAGES.index(task.stage))


def changed_tasks(before: Run, after: Run) -> list[tuple[Task, Task]]:
    """Those of ``after`` that are other values than in ``before``, each behind what it was. A run
    keeps its tasks and their order; raises ValueError where it did not.
    """
    pairs = zip(before.tasks, after.tasks, strict=True)
    changed = [(old, new) for old, new in pairs if old is not new]
    if any(old.id != new.id for old, new in changed):
        raise ValueError("the tasks of a run changed places")
    return changed


@value
class Options:
    """What the user chose for the video. ``speed`` is a factor, 1 as usual; ``style`` and
    ``audience`` are for writers that can mind them; ``auto_produce`` goes on to the video without
    waiting at the script.
    """

    aspect: Aspect = "16:9"
    target_seconds: int = 60
    speaker: str = "default"
    speed: float = 1.0
    theme: str = "auto"
    captions: CaptionStyle = "plain"
    music: str = "none"
    style: str = ""
    audience: str = ""
    auto_produce: bool = False


@value
class Project:
    """``video`` is the last finished video, made from ``video_version`` of the script."""

    id: UUID
    user_id: str
    title: str
    language: Language
    source: Source
    options: Options = field(default_factory=Options)
    status: ProjectStatus = ProjectStatus.DRAFT
    script: Script | None = None
    script_version: int = 0
    take: int = 0
    current_run_id: UUID | None = None
    progress: int = 0
    message: Note | None = None
    error: Failure | None = None
    video: Manifest | None = None
    video_version: int | None = None
    completed_at: datetime | None = None
    notified: bool = False
    version: int = 0
    extra: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def script_ready(self) -> bool:
        return self.script is not None

    @property
    def video_stale(self) -> bool:
        return self.video is not None and self.video_version != self.script_version
