"""Clocks of single processes, so that tests of waiting need not wait."""

import asyncio
from typing import Any

from support.waiting import eventually


class ManualClock:
    """Time stands still but for ``pass_time``; who sleeps longer than that sleeps on."""

    def __init__(self) -> None:
        self._now = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self.slept: list[float] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        until = asyncio.get_running_loop().create_future()
        sleeper = (self._now + seconds, until)
        self._sleepers.append(sleeper)
        try:
            await until
        finally:
            self._sleepers.remove(sleeper)

    async def pass_time(self, seconds: float, *, of: asyncio.Future[Any]) -> None:
        """Lets ``seconds`` go by for the process that runs ``of``, or less if it ends before."""
        end = self._now + seconds
        while not of.done():
            await eventually(lambda: self._sleepers or of.done())
            due = min((at for at, _ in self._sleepers), default=end)
            if of.done() or due > end:
                break
            self._now = due
            for at, until in list(self._sleepers):
                if at <= due and not until.done():
                    until.set_result(None)
            await asyncio.sleep(0)
        self._now = end


class HastyClock:
    """Every sleep is over at once, and counted."""

    def __init__(self) -> None:
        self._now = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += seconds
        await asyncio.sleep(0)
