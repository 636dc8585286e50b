"""What any voice must do."""

from dataclasses import dataclass
from typing import Protocol

from shared.artifacts.receipts import Ticket
from shared.messages.base import Language
from shared.messages.manifest import Cue


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """``wav``: RIFF, mono, 16 bit. ``cues`` hold the whole text in order, times from the start of
    the sound. ``cost`` is what the provider charged, where it charges.
    """

    wav: bytes
    duration_ms: int
    cues: tuple[Cue, ...]
    cost: dict[str, float] | None = None


class Speech(Protocol):
    """A voice. The same text, language, speaker and speed always give the same bytes where it can
    promise that.
    """

    engine: str

    async def speak(
        self,
        text: str,
        *,
        language: Language,
        speaker: str,
        speed: float = 1.0,
        ticket: Ticket | None = None,
    ) -> Spoken:
        """``speaker`` is one of ``shared.voices`` or "default"; ``speed`` a factor, 0.5–2.
        ``ticket`` names the task's calls for voices that cost money; the free ones need none.

        Raises StageError when it can't; never blocks the event loop; cancelling it ends its
        process.
        """
        ...

    async def close(self) -> None:
        """Ends what the voice keeps between texts; it may speak again after that."""
        ...
