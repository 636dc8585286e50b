"""What the stage asks of any writer of scripts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from shared.artifacts.receipts import Ticket
from shared.messages.base import Language
from shared.messages.commands import Revision, Source
from shared.messages.script import Script

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One script to write. Scene ids derive from ``task_id``, so a repeat writes the same ids.

    ``ticket`` names the receipts of calls that cost money.
    """

    task_id: UUID
    source: Source
    title: str | None
    language: Language
    target_seconds: int
    style: str = ""
    audience: str = ""
    ticket: Ticket | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The script, and what its calls cost by unit."""

    script: Script
    cost: dict[str, float] = field(default_factory=dict[str, float])


class Writer(Protocol):
    """``engine`` names what writes, with its version; it is part of the script's key."""

    engine: str

    async def write(self, request: Request, *, progress: Progress) -> Written:
        """Write the whole script.

        ``progress`` gets the scene's number (from 1) and the number of scenes expected, on the
        event loop, as each scene is really done. Raises ``StageError("source_empty")``, not
        retryable, when there is nothing to say.
        """
        ...

    async def revise(
        self, request: Request, revision: Revision, /, *, progress: Progress
    ) -> Written:
        """The base script with that one scene done again, its id kept, all others untouched."""
        ...
