"""Waiting on conditions, with a deadline: the only way that tests wait."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any


async def eventually(
    condition: Callable[[], Any | Awaitable[Any]], *, within: float = 10, every: float = 0.02
) -> Any:
    """The condition's first true answer; an AssertionError with the last answer after ``within``
    seconds.
    """
    deadline = time.monotonic() + within
    while True:
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(
                f"not within {within} s: {inspect.getsource(condition).strip()} → {found!r}"
            )
        await asyncio.sleep(every)
