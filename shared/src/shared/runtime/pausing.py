"""Waiting that a stop ends."""

import asyncio


async def paused(stop: asyncio.Event, seconds: float) -> None:
    """Waits, or returns at once when the service stops."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
