"""What any maker of visuals must do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from shared.artifacts.receipts import Ticket
from shared.messages.base import Aspect

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One picture or footage to be made. ``ticket`` names its receipts."""

    prompt: str
    aspect: Aspect
    ticket: Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A file that was made anew here, whatever the provider sent; the cost by unit."""

    file: Path
    media_type: str
    cost: dict[str, float] = field(default_factory=dict[str, float])
    duration_ms: int | None = None


class Maker(Protocol):
    """``engine`` names who makes it, with its version; it is part of the artifact's key."""

    engine: str

    async def make(self, order: Order, *, folder: Path, progress: Progress) -> Made:
        """Pays at most once for a ticket, and works in ``folder`` alone. ``progress`` gets a share
        0..1. Raises StageError; CallFailedError says what the failure cost.
        """
        ...

    async def close(self) -> None:
        """Gives back its connections."""
        ...
