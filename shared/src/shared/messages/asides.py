"""Asides: what is asked for by the way, outside every run. No facts are stated about them; the
artifact under its key is the answer.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.messages.base import Aspect, CaptionStyle, Frozen, Language
from shared.messages.manifest import Blob
from shared.messages.script import Card


class AsideMeta(Frozen):
    """Identity of an aside. ``message_id`` is derived from who asked for what, and when."""

    message_id: UUID
    user_id: str
    language: Language
    occurred_at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    traceparent: str | None = None


class Aside(Frozen):
    """What all asides have. After ``expires_at`` nobody waits for it any more, so that it is not
    begun; ``timeout_s`` bounds the work.
    """

    meta: AsideMeta
    key: str
    engine: str
    expires_at: AwareDatetime
    timeout_s: float = Field(gt=0)


class SpokenBy(Frozen):
    """The voice that a production would record for the scene, and the key of that artifact."""

    key: str
    engine: str
    speaker: str
    speed: float = Field(default=1.0, ge=0.5, le=2.0)


class PreviewScene(Aside):
    """One scene made small, with its voice; silent without ``voice``. A voice that is missing is
    recorded where it needs no network. ``visual``: what was made for the card. Handled by
    media-worker.
    """

    type: Literal["scene.preview.v1"] = "scene.preview.v1"
    project_id: UUID
    scene_id: UUID
    narration: str
    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    voice: SpokenBy | None
    heading: str
    card: Card
    aspect: Aspect
    theme: str
    captions: CaptionStyle = "plain"
    visual: Blob | None = None


class SampleVoice(Aside):
    """One sentence as a voice says it. Handled by media-worker."""

    type: Literal["voice.sample.v1"] = "voice.sample.v1"
    text: str
    speaker: str
    speed: float = Field(default=1.0, ge=0.5, le=2.0)


AnyAside = Annotated[PreviewScene | SampleVoice, Field(discriminator="type")]
