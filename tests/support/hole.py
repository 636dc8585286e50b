"""A link that swallows everything and stays open: what a firewall or a blocked broker does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Hole:
    """A proxy; while ``swallowing`` nothing comes through, and nobody is told."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.swallowing = False
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        for pair in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._pump(*pair))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                if not self.swallowing:
                    writer.write(data)
        writer.close()

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()


@asynccontextmanager
async def holed(url: str) -> AsyncIterator[tuple[Hole, str]]:
    """The hole, and ``url`` led through it."""
    address = urlsplit(url)
    hole = Hole(address.hostname or "", address.port or 5672)
    server = await asyncio.start_server(hole.handle, "127.0.0.1", 0)
    hole.port = server.sockets[0].getsockname()[1]
    try:
        yield hole, url.replace(f":{address.port}", f":{hole.port}")
    finally:
        hole.close()
        server.close()
