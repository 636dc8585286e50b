"""A TCP proxy that a test can cut or stop up: what a lost link looks like to both sides."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_RESET = struct.pack("ii", 1, 0)


class Proxy:
    """``cut`` resets every connection at once; new ones are taken as long as ``open`` is set.

    While ``up`` (to the server) or ``down`` (from it) is cleared, nothing passes that way and
    nobody is told: connections stay open, and new ones are taken, as with a black hole.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._writers: set[asyncio.StreamWriter] = set()
        self.open = True
        self.port = 0
        self.up, self.down = asyncio.Event(), asyncio.Event()
        self.heal()

    def heal(self) -> None:
        """Takes new connections, and passes on everything that was held back."""
        self.open = True
        self.up.set()
        self.down.set()

    def cut(self) -> int:
        """Answers how many ends were cut."""
        ends = list(self._writers)
        for writer in ends:
            _reset(writer)
        self._writers.clear()
        return len(ends)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.open:
            _reset(writer)
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            _reset(writer)
            return
        ends = {writer, far_writer}
        self._writers |= ends
        try:
            await asyncio.gather(
                _pump(reader, far_writer, self.up), _pump(far_reader, writer, self.down)
            )
        finally:
            self._writers -= ends


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event
) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            await gate.wait()
            writer.write(data)
            await writer.drain()
    await gate.wait()
    writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    plug = writer.get_extra_info("socket")
    with suppress(OSError):
        if plug is not None:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


@asynccontextmanager
async def proxied(host: str, port: int) -> AsyncIterator[Proxy]:
    proxy = Proxy(host, port)
    server = await asyncio.start_server(proxy.handle, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        proxy.heal()
        proxy.cut()
        server.close()
