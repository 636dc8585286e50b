"""The wire of what a page follows while a run goes on: its status and its timeline."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from api.views import Step, View
from shared.messages.base import Stage
from shared.state import ProjectStatus, RunKind, RunState, TaskState


class StageView(View):
    """``busy_seconds``: time that workers spent on what is finished, reused work not counted."""

    stage: Stage
    percent: int
    done: int
    total: int
    reused: int
    busy_seconds: float


class PieceView(View):
    state: TaskState
    percent: int
    attempt: int
    reused: bool


class SceneView(View):
    """``voice`` and ``clip`` are null while no production has been asked for, ``visual`` also where
    the scene's card asks for nothing to be made.
    """

    id: UUID
    heading: str
    voice: PieceView | None
    visual: PieceView | None
    clip: PieceView | None


class ErrorView(View):
    """``scene`` counts from 1; ``user_can_retry``: whether the same again can help."""

    code: str
    message: str
    user_can_retry: bool
    stage: Stage | None
    scene: int | None
    scene_id: UUID | None


class EtaView(View):
    """Seconds, from usual to slow."""

    low: int
    high: int


class StatusView(View):
    """``eta_seconds`` is null until enough of the kind was made; ``queued_ahead`` unless the run
    waits for a worker.
    """

    project_id: UUID
    status: ProjectStatus
    step: Step
    progress: int
    progress_message: str
    completed_at: datetime | None
    notified: bool
    script_ready: bool
    script_version: int
    video_ready: bool
    video_stale: bool
    run_id: UUID | None
    run_kind: RunKind | None
    run_state: RunState | None
    run_opened_at: datetime | None
    stages: list[StageView]
    scenes: list[SceneView]
    eta_seconds: EtaView | None
    queued_ahead: int | None
    last_seen_at: datetime | None
    stalled: bool
    error: ErrorView | None
    poll_after_ms: int | None


class AfterCloseView(View):
    """What became of work that a closed run had given out. ``charge``: of a paid call,
    "charged", "not charged" or "unknown"; ``cost``: what it cost, as the provider counts.
    """

    outcome: Literal["still_running", "stopped", "finished_anyway"]
    code: str | None = None
    charge: str | None = None
    cost: dict[str, float] | None = None


class HappeningView(View):
    """A line of the timeline; ``scene`` counts from 1. ``after_close`` is told with
    ``task.dispatched`` when the run ended before that work did.
    """

    at: datetime
    type: str
    message: str
    run_id: UUID | None
    stage: Stage | None
    scene: int | None
    scene_id: UUID | None
    attempt: int | None
    after_close: AfterCloseView | None
    data: dict[str, Any]


class Timeline(View):
    items: list[HappeningView]
    next_cursor: str | None
