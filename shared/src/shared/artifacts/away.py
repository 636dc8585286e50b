"""One answer to "is the artifact store away, or is it us?", and the waiting for it."""

import asyncio
import errno
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    InvalidPathError,
    NotSupportedError,
    UnknownConfigurationKeyError,
)

T = TypeVar("T")
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 5.0
_OURS: Final = (
    AlreadyExistsError,
    InvalidPathError,
    NotSupportedError,
    UnknownConfigurationKeyError,
)
_DISK: Final = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE}
_log = structlog.get_logger()


def is_away(error: BaseException) -> bool:
    """True when the store can't be reached, is full, or takes nothing: the same again may succeed
    later. What is not there is no such case.
    """
    if isinstance(error, BaseError):
        return not isinstance(error, _OURS)
    return isinstance(error, OSError) and error.errno in _DISK


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """The answer of ``work``, begun anew until the store is there; bounded only by the caller's own
    time limit.
    """
    pause = FIRST_PAUSE_S
    while True:
        try:
            return await work()
        except Exception as error:
            if not is_away(error):
                raise
            _log.warning("artifacts.away", reason=repr(error)[:300])
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)
