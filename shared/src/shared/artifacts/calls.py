"""Calls to a provider: what comes back, how they fail and at whose cost, and when they are tried
again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol, TypeVar

import structlog

from shared.errors import StageError
from shared.messages.manifest import Blob

T = TypeVar("T")
# Why a job is cancelled whose user has stopped its run, in distinction from all other reasons.
STOPPED: Final = "stopped by its user"
PAUSES_S: Final = (1.0, 4.0, 12.0)
LONGEST_PAUSE_S: Final = 60.0
_log = structlog.get_logger()


class Charge(StrEnum):
    """What a call cost: surely nothing, surely something, or nobody knows."""

    NO = "not charged"
    YES = "charged"
    UNKNOWN = "unknown"


class CallFailedError(StageError):
    """A provider said no, or nothing. ``again_s`` None: the same call can't succeed. Else it may,
    after that many seconds (0 where the provider names none). ``cost`` is what it charged all the
    same.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        charge: Charge,
        cost: dict[str, float] | None = None,
        again_s: float | None = None,
    ) -> None:
        super().__init__(code, detail, retryable=again_s is not None)
        self.charge = charge
        self.cost = cost or {}
        self.again_s = again_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What was paid for: ``blobs`` by role, already in the artifact store, and the cost by unit."""

    blobs: dict[str, Blob]
    cost: dict[str, float] = field(default_factory=dict[str, float])


class Clock(Protocol):
    """The waiting and the monotonic seconds of one process."""

    def now(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def now(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def retried(attempt: Callable[[], Awaitable[T]], clock: Clock) -> T:
    """The first answer of up to four attempts. Only a failure that surely cost nothing and may
    pass is tried again; a wish of the provider for a longer pause is granted up to a minute.
    """
    for pause in PAUSES_S:
        try:
            return await attempt()
        except CallFailedError as failure:
            asked = failure.again_s
            if failure.charge is not Charge.NO or asked is None or asked > LONGEST_PAUSE_S:
                raise
            wait = max(pause, asked)
            _log.warning("call.retried", code=failure.code, pause_s=wait)
            await clock.sleep(wait)
    return await attempt()
