"""What the stage asks of any writer of scripts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from shared.messages.base import Language
from shared.messages.commands import Source
from shared.messages.script import Script


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One script to write. Scene ids derive from ``task_id``, so a repeat writes the same ids."""

    task_id: UUID
    source: Source
    title: str | None
    language: Language
    target_seconds: int


class Writer(Protocol):
    """``engine`` names what writes, with its version; it is part of the script's key."""

    engine: str

    async def write(self, request: Request, *, progress: Callable[[int, int], None]) -> Script:
        """Write the whole script.

        ``progress`` gets the scene's number (from 1) and the number of scenes expected, on the
        event loop, as each scene is really done. Raises ``StageError("source_empty")``, not
        retryable, when there is nothing to say.
        """
        ...
