"""The shape and the identity that all messages have in common."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Language = Literal["zh-CN", "en"]
Aspect = Literal["16:9", "9:16", "1:1"]
Stage = Literal["script", "voice", "visual", "clip", "assembly"]
CaptionStyle = Literal["plain", "highlight"]


class Frozen(BaseModel):
    """Immutable on this side, tolerant of fields that a newer sender adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Meta(Frozen):
    """Identity and lineage of one message.

    ``message_id`` has no default: it is derived from the cause (see ``derived_id``), so that a
    repeated cause yields the same message and its readers can drop the repeat.
    """

    message_id: UUID
    user_id: str
    language: Language
    project_id: UUID
    run_id: UUID
    correlation_id: UUID
    causation_id: UUID | None = None
    occurred_at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    traceparent: str | None = None


class TaskMeta(Meta):
    """Identity of a command. ``dispatch`` is the fencing number: it only ever rises for a task."""

    task_id: UUID
    stage: Stage
    dispatch: int = Field(ge=1)


class FactMeta(TaskMeta):
    """Identity of a fact; ``(dispatch, delivery, seq)`` is its position in the task's history."""

    delivery: int = Field(ge=0)
    seq: int = Field(ge=0)


def derived_id(cause: UUID, what: str) -> UUID:
    """The id of what ``cause`` brings about; the same for the same cause, however often it
    happens.
    """
    return uuid5(cause, what)
