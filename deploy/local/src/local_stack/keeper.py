"""Starts a server again that died, on its own port and data: the services come back to it by
themselves.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final, Protocol

from local_stack.errors import StackError
from local_stack.supervisor import pause_after

_EVERY_S: Final = 0.3


class Server(Protocol):
    """What can be kept. ``start`` returns when it serves, or raises StackError."""

    name: str

    @property
    def alive(self) -> bool: ...

    async def start(self) -> None: ...


class Keeper:
    """``restarts`` by name. ``run`` is cancelled before the servers are stopped."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self._servers = servers
        self.restarts: Counter[str] = Counter()

    async def run(self) -> None:
        await asyncio.gather(*(self._keep(server) for server in self._servers))

    async def _keep(self, server: Server) -> None:
        failures = 0
        while True:
            await asyncio.sleep(_EVERY_S)
            if server.alive:
                continue
            self.restarts[server.name] += 1
            try:
                await server.start()
                failures = 0
            except (StackError, OSError):  # OSError: a full disk, say
                failures += 1
                await asyncio.sleep(pause_after(failures))
