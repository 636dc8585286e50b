"""What any voice must do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from shared.messages.base import Language
from shared.messages.manifest import Cue


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """``wav``: RIFF, mono, 16 bit. ``cues`` hold the whole text in order, times from the start of
    the sound.
    """

    wav: bytes
    duration_ms: int
    cues: tuple[Cue, ...]


class Speech(Protocol):
    """A voice. The same text, language and speaker always give the same bytes where it can promise
    that.
    """

    engine: str
    speakers: Mapping[Language, tuple[str, ...]]

    async def speak(self, text: str, *, language: Language, speaker: str) -> Spoken:
        """Raises StageError when it can't; never blocks the event loop; cancelling it ends its
        process.
        """
        ...
