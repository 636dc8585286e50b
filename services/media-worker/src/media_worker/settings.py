"""What only this worker is told."""

import os
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from shared.messages.base import Stage
from shared.runtime.settings import Settings

Part = Stage | Literal["preview"]
ALL: tuple[Part, ...] = ("voice", "clip", "assembly", "preview")


class MediaSettings(Settings):
    """``media_stages``: which stages this process serves ("voice,clip"; "preview" makes the
    previews and samples that users ask for); ``worker_slots``: jobs at once in each;
    ``kokoro_threads``: cores that the neural voice may take; ``voice_slots``: texts at once, where
    the voice is online and only waits.
    """

    media_stages: Annotated[tuple[Part, ...], NoDecode] = ALL
    worker_slots: int = Field(default=1, ge=1, le=64)
    kokoro_threads: int = Field(default_factory=lambda: min(4, os.cpu_count() or 1), ge=1, le=64)
    voice_slots: int = Field(default=8, ge=1, le=64)

    def slots_of_voice(self, voice: str) -> int:
        """Jobs at once of the voice stage, by the voice that new runs pin."""
        return self.voice_slots if voice in {"edge", "openai"} else self.worker_slots

    @field_validator("media_stages", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value.replace(" ", "").split(",")) if isinstance(value, str) else value
