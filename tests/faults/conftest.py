"""One world for all faults, started anew when a test went wrong in it; the table at the end; and
which tests run when.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from support.faults.trial import LEDGER
from support.faults.world import World


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LEDGER.entries:
        terminalreporter.section("faults")
        for line in LEDGER.table():
            terminalreporter.write_line(line)


class Worlds:
    """At most one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._world: World | None = None

    async def current(self) -> World:
        if self._world is not None and self._world.broken:
            await self.stop()
        if self._world is None:
            self._count += 1
            self._world = World(self._folder / f"world-{self._count}")
            await self._world.start()
        return self._world

    async def stop(self) -> None:
        world, self._world = self._world, None
        if world is not None:
            await world.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def worlds(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Worlds]:
    kept = Worlds(tmp_path_factory.mktemp("faults"))
    yield kept
    await kept.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def world(worlds: Worlds) -> World:
    """Two of each service, all ready, nothing armed."""
    found = await worlds.current()
    found.disarm()
    await found.moods()
    return found
