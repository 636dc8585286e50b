"""A voice whose libraries are read when it first speaks, so that no start waits for them."""

import asyncio
from collections.abc import Callable

from media_worker.speech.port import Speech, Spoken
from shared.artifacts.receipts import Ticket
from shared.messages.base import Language


class LaterSpeech:
    """``made`` imports and builds the voice; it runs once, in a thread."""

    def __init__(self, engine: str, made: Callable[[], Speech]) -> None:
        self.engine = engine
        self._made = made
        self._speech: Speech | None = None
        self._making = asyncio.Lock()

    async def speak(
        self,
        text: str,
        *,
        language: Language,
        speaker: str,
        speed: float = 1.0,
        ticket: Ticket | None = None,
    ) -> Spoken:
        async with self._making:
            if self._speech is None:
                self._speech = await asyncio.to_thread(self._made)
        return await self._speech.speak(
            text, language=language, speaker=speaker, speed=speed, ticket=ticket
        )

    async def close(self) -> None:
        if self._speech is not None:
            await self._speech.close()
