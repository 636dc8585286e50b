"""A database that hangs is as good as away: who wants a connection waits a moment, then is told."""

import asyncio
from contextlib import suppress
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


def impatient(engine: AsyncEngine, *, wait_s: float) -> AsyncEngine:
    """The same engine, whose connections come within ``wait_s`` or raise TimeoutError.

    A connection is tried out before it is lent, so a server that takes connections and answers
    nothing (stopped, cut off by a network) is noticed here. Neither asyncpg's nor the pool's own
    limits add up to a bound: try-out, clean-up and new connection each have theirs.
    """

    class Impatient(AsyncConnection):
        async def start(self, is_ctxmanager: bool = False) -> Self:  # noqa: FBT001, FBT002
            starting = asyncio.create_task(super().start(is_ctxmanager))
            try:
                done, _ = await asyncio.wait({starting}, timeout=wait_s)
            except BaseException:
                _abandon(starting)
                raise
            if not done:
                _abandon(starting)
                raise TimeoutError("no connection in time")
            await starting
            return self

    class ImpatientEngine(AsyncEngine):
        _connection_cls = Impatient

    return ImpatientEngine(engine.sync_engine)


_abandoned: set[asyncio.Task[None]] = set()


def _abandon(starting: asyncio.Task[AsyncConnection]) -> None:
    """Nobody waits for it any more; what it still gets goes back."""

    async def given_back() -> None:
        with suppress(asyncio.CancelledError, Exception):
            await (await starting).close()

    starting.cancel()
    ending = asyncio.create_task(given_back())
    _abandoned.add(ending)
    ending.add_done_callback(_abandoned.discard)
