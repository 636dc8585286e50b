"""Waiting that a stop ends."""

import asyncio
from collections.abc import Callable


async def paused(stop: asyncio.Event, seconds: float) -> None:
    """Waits, or returns at once when the service stops."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass


async def until(
    holds: Callable[[], bool], stop: asyncio.Event, *, after_s: float, every_s: float
) -> None:
    """Returns once ``holds`` says so, no sooner than ``after_s``, or when the service stops."""
    await paused(stop, after_s)
    while not (stop.is_set() or holds()):
        await paused(stop, every_s)
