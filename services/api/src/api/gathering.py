"""Concurrent reads of single projects become one: the database is asked once for all that wait."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from itertools import chain
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.errors import RefusedError
from api.status import Told
from shared.store.engine import autocommit

MOST: Final = 500
LANES: Final = 2
LINGER_S: Final = 0.05
TURN_S: Final = 0.2
READ_S: Final = 3.0
CLOSING_S: Final = 1.0

Asked = dict[UUID, list[asyncio.Future[Told | None]]]
Read = Callable[[AsyncConnection, Collection[UUID]], Awaitable[dict[UUID, Told]]]


class Gathered:
    """``told`` is answered by a read that began after the call, so it is never older than its
    question. At most ``LANES`` reads are under way; who asks meanwhile shares the next one.
    """

    def __init__(self, engine: AsyncEngine, read: Read, *, timeout_s: float = 10) -> None:
        self._engine = engine
        self._read = read
        self._timeout_s = timeout_s
        self._waiting: Asked = {}
        self._lanes: set[asyncio.Task[None]] = set()
        self._reading = 0
        self._lingering: asyncio.Future[None] | None = None
        self._closed = False

    async def told(self, project_id: UUID) -> Told | None:
        """None for a project that is not there; raises what the database raised, or RefusedError
        ``request_timeout``.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Told | None] = loop.create_future()
        self._waiting.setdefault(project_id, []).append(future)
        if self._lingering is not None:
            self._wake()
        elif len(self._lanes) < LANES:
            self._lanes.add(asyncio.create_task(self._serve()))
        # Cheaper than asyncio.timeout, which every poll would pay for.
        limit = loop.call_later(self._timeout_s, _late, future)
        try:
            return await future
        finally:
            limit.cancel()

    async def close(self) -> None:
        """Gives the connections back, once all who wait have their answers, or a moment later."""
        self._closed = True
        self._wake()
        if self._lanes:
            _, late = await asyncio.wait(self._lanes, timeout=CLOSING_S)
            for lane in late:
                lane.cancel()

    def _wake(self) -> None:
        if self._lingering is not None and not self._lingering.done():
            self._lingering.set_result(None)

    async def _serve(self) -> None:
        try:
            while self._waiting and await self._turn():
                pass
        finally:  # in the same step as the last look at who waits: who comes now begins a new one
            self._lanes.discard(asyncio.current_task())

    async def _turn(self) -> bool:
        """One connection while questions keep coming: it is tried out once, and each read costs one
        way to the database and back. Now and then whoever else waits for one gets it.

        False for a lane that got none and leaves those who wait to one that reads.
        """
        clock = asyncio.get_running_loop().time
        connected = False
        try:
            async with autocommit(self._engine) as conn:
                connected, until = True, clock() + TURN_S
                while clock() < until and (self._waiting or await self._asked_soon()):
                    await self._answer(conn)
        except BaseException as error:
            leaves = not connected and self._reading > 0
            if not connected and not leaves:
                _refuse(self._taken(), error)
            if not isinstance(error, Exception):
                raise
            return not leaves
        return True

    async def _answer(self, conn: AsyncConnection) -> None:
        """Answers all who wait. A read that hangs fails after ``READ_S``, and with it who was left
        to it meanwhile.
        """
        asked = self._taken()
        self._reading += 1
        try:
            async with asyncio.timeout(READ_S):
                found = await self._read(conn, asked.keys())
        except BaseException as error:
            _refuse(asked, error)
            if isinstance(error, TimeoutError):
                _refuse(self._taken(), error)
            raise
        finally:
            self._reading -= 1
        _tell(asked, found)

    async def _asked_soon(self) -> bool:
        """Whether a connection that is free is worth being kept. One lingers, the others go."""
        if self._closed or self._lingering is not None:
            return False
        self._lingering = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait([self._lingering], timeout=LINGER_S)
        finally:
            self._lingering = None
        return bool(self._waiting)

    def _taken(self) -> Asked:
        return {one: self._waiting.pop(one) for one in list(self._waiting)[:MOST]}


def _tell(asked: Asked, found: Mapping[UUID, Told]) -> None:
    for project_id, futures in asked.items():
        told = found.get(project_id)
        for future in futures:
            if not future.done():
                future.set_result(told)


def _late(future: asyncio.Future[Told | None]) -> None:
    if not future.done():
        future.set_exception(RefusedError("request_timeout"))


def _refuse(asked: Asked, error: BaseException) -> None:
    for future in chain.from_iterable(asked.values()):
        if future.done():
            continue
        if isinstance(error, asyncio.CancelledError):
            future.cancel()
        else:
            future.set_exception(error)
            future.exception()  # heard: who asked may have gone
