"""Concurrent reads of single projects become one: the database is asked once for all that wait."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from itertools import chain
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.status import Told

MOST: Final = 500
LANES: Final = 2

Read = Callable[[AsyncConnection, Collection[UUID]], Awaitable[dict[UUID, Told]]]


class Gathered:
    """``told`` is answered by a read that began after the call, so it is never older than its
    question. At most ``LANES`` reads are under way; who asks meanwhile shares the next one.
    """

    def __init__(self, engine: AsyncEngine, read: Read, *, timeout_s: float = 10) -> None:
        self._engine = engine
        self._read = read
        self._timeout_s = timeout_s
        self._waiting: dict[UUID, list[asyncio.Future[Told | None]]] = {}
        self._lanes: set[asyncio.Task[None]] = set()

    async def told(self, project_id: UUID) -> Told | None:
        """None for a project that is not there; raises what the database raised, or
        TimeoutError.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Told | None] = loop.create_future()
        self._waiting.setdefault(project_id, []).append(future)
        if len(self._lanes) < LANES:
            lane = asyncio.create_task(self._serve())
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)
        # Cheaper than asyncio.timeout, which every poll would pay for.
        limit = loop.call_later(self._timeout_s, _late, future)
        try:
            return await future
        finally:
            limit.cancel()

    async def _serve(self) -> None:
        while self._waiting:
            ids = list(self._waiting)[:MOST]
            asked = {project_id: self._waiting.pop(project_id) for project_id in ids}
            try:
                async with self._engine.connect() as conn:
                    found = await self._read(conn, ids)
            except BaseException as error:  # noqa: BLE001  (each who waits is told)
                _refuse(chain.from_iterable(asked.values()), error)
            else:
                for project_id, futures in asked.items():
                    told = found.get(project_id)
                    for future in futures:
                        if not future.done():
                            future.set_result(told)


def _late(future: asyncio.Future[Told | None]) -> None:
    if not future.done():
        future.set_exception(TimeoutError("no answer in time"))


def _refuse(futures: Iterable[asyncio.Future[Told | None]], error: BaseException) -> None:
    for future in futures:
        if future.done():
            continue
        if isinstance(error, asyncio.CancelledError):
            future.cancel()
        else:
            future.set_exception(error)
            future.exception()  # heard: who asked may have gone
