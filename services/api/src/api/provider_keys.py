"""Whether providers take their keys, known before a run opens and by calls that cost nothing."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, Literal

import structlog

from api.errors import RefusedError
from shared.errors import ServiceError
from shared.messages.base import Stage

_log = structlog.get_logger()
Verdict = Literal["taken", "unknown", "refused"]
ASKING_S: Final = 2.0
REMEMBERED_S: Final[Mapping[Verdict, float]] = {"taken": 300, "unknown": 30, "refused": 5}


class ProviderKey:
    """``ask`` raises a ServiceError for a key that is refused. No answer within two seconds says
    nothing about the key: a provider that is away or slow holds nobody up twice in half a minute.
    """

    def __init__(
        self, ask: Callable[[], Awaitable[None]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._alone = asyncio.Lock()
        self._until = -1.0
        self._refused: ServiceError | None = None

    async def look(self) -> None:
        """Asks the provider, unless its last answer still holds."""
        async with self._alone:
            if self._clock() < self._until:
                return
            verdict = await self._asked()
            self._until = self._clock() + REMEMBERED_S[verdict]

    def check(self) -> None:
        """Raises RefusedError when the last look heard that the key is refused."""
        if self._refused is not None:
            raise RefusedError(self._refused.code, self._refused.detail)

    async def _asked(self) -> Verdict:
        self._refused = None
        try:
            async with asyncio.timeout(ASKING_S):
                await self._ask()
        except ServiceError as refused:
            _log.warning("key.refused", detail=refused.detail)
            self._refused = refused
            return "refused"
        except (OSError, ValueError):  # away, slow, or an address that no client can use
            return "unknown"
        return "taken"


class ProviderKeys:
    """By the stage whose provider takes it. ``look`` asks, before a transaction; ``check`` tells
    inside one.
    """

    def __init__(self, by_stage: Mapping[Stage, ProviderKey] | None = None) -> None:
        self._by_stage = by_stage or {}

    async def look(self) -> None:
        await asyncio.gather(*(key.look() for key in self._by_stage.values()))

    def check(self, stages: Collection[Stage]) -> None:
        """Raises RefusedError ``provider_key_refused`` for a stage whose key is refused."""
        for stage, key in self._by_stage.items():
            if stage in stages:
                key.check()
