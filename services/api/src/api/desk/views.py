"""What operators are shown."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from api.views import View
from shared.messages.base import Stage

Settled = Literal["redriven", "discarded"]
Way = Literal["retry", "publish"]


class LetterSummary(View):
    """A message that could not be handled. ``queue`` is where it died; ``size`` in bytes."""

    id: int
    queue: str
    reason: str
    type: str | None
    size: int
    received_at: datetime
    settled_at: datetime | None
    settled_as: Settled | None


class AuditView(View):
    """``outcome``: what came of it, or the code that it was refused with."""

    at: datetime
    actor: str
    action: str
    outcome: str


class LetterView(LetterSummary):
    """``body`` holds the first 64 KiB; what is no UTF-8 is replaced. ``way``: what a redrive does
    (a user's retry, or the same message again); null where it can only be discarded.
    """

    headers: dict[str, Any]
    body: str
    truncated: bool
    way: Way | None
    project_id: UUID | None
    run_id: UUID | None
    audit: list[AuditView]


class LetterPage(View):
    items: list[LetterSummary]
    next_cursor: str | None


class SettledView(View):
    """``run_id``: the run that a redriven command opened."""

    id: int
    settled_as: Settled
    run_id: UUID | None = None


class QueueView(View):
    """As the broker says just now; null when it can't be asked. ``exists`` is false for a queue
    that somebody deleted.
    """

    name: str
    role: Literal["commands", "facts", "milestones", "dead"]
    exists: bool | None
    ready: int | None
    consumers: int | None


class QueuesView(View):
    """``outbox``: messages that are committed and not yet confirmed by the broker;
    ``outbox_age_seconds``: how long the oldest of them has waited.
    """

    broker: bool
    outbox: int
    outbox_age_seconds: float
    dead_letters: int
    items: list[QueueView]


class WorkersView(View):
    """``consumers``: processes that take this stage's work, by the broker; the rest by the
    database. ``stalled``: running without a sign of life for 15 s.
    """

    stage: Stage
    queue: str
    consumers: int | None
    running: int
    stalled: int
    waiting: int
    oldest_waiting_seconds: float
