"""The relay: takes outbox rows, publishes each with a confirm, then marks it. Any number may run.

A crash between publish and mark costs one lease and one duplicate, which readers drop by its id.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.artifacts import away
from shared.artifacts.store import ArtifactStore
from shared.errors import NotStoredError, PublishUnknownError
from shared.messages.control import StopRun
from shared.messaging.publisher import Publisher
from shared.messaging.topology import COMMANDS, CONTROL
from shared.runtime import fail_points
from shared.runtime.pausing import paused
from shared.store import outbox
from shared.store.engine import autocommit, is_away
from shared.store.outbox import Claimed

BATCH: Final = 100
IDLE_S: Final = 0.5
SETTLE_AGAIN_S: Final = 0.5
_log = structlog.get_logger()


class Relay:
    """``wake`` after a commit makes it look at once; else it looks twice a second."""

    def __init__(
        self,
        engine: AsyncEngine,
        publisher: Publisher,
        artifacts: ArtifactStore,
        stop: asyncio.Event,
    ) -> None:
        self._engine = engine
        self._publisher = publisher
        self._artifacts = artifacts
        self._stop = stop
        self._wake = asyncio.Event()

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Until the service stops. A database or broker that is away is waited for, and nothing is
        lost.
        """
        while not self._stop.is_set():
            try:
                moved = await self.step() if self._publisher.is_up else 0
            except Exception as error:
                if not is_away(error):
                    raise
                _log.warning("relay.waiting", reason=repr(error))
                await paused(self._stop, 1)
                continue
            if moved < BATCH:
                await self._idle()

    async def step(self) -> int:
        """Moves one batch; answers how many rows it took."""
        async with autocommit(self._engine) as conn:
            claimed = await outbox.claim(conn, BATCH)
        if not claimed:
            return 0
        dropped = [row.id for row in claimed if row.closed and row.exchange == COMMANDS]
        todo = [row for row in claimed if row.id not in set(dropped)]
        sent = await asyncio.gather(*(self._publish(row) for row in todo))
        fail_points.reached("relay.published")
        await self._settle(todo, sent, dropped)
        return len(claimed)

    async def _settle(
        self, todo: Sequence[Claimed], sent: Sequence[bool], dropped: Sequence[int]
    ) -> None:
        """What went out is marked even if the database is away meanwhile: else it would go out
        again after the lease, and the rest would wait for that long. Given up when we stop.
        """
        while True:
            try:
                return await self._marked_off(todo, sent, dropped)
            except Exception as error:
                if not is_away(error) or self._stop.is_set():
                    raise
                _log.warning("relay.waiting", reason=repr(error))
                await paused(self._stop, SETTLE_AGAIN_S)

    async def _marked_off(
        self, todo: Sequence[Claimed], sent: Sequence[bool], dropped: Sequence[int]
    ) -> None:
        pairs = list(zip(todo, sent, strict=True))
        async with autocommit(self._engine) as conn:
            await outbox.mark(conn, [row.id for row, ok in pairs if ok])
            await outbox.mark(conn, dropped, dropped=True)
            await outbox.release(conn, [row.id for row, ok in pairs if not ok])

    async def _publish(self, row: Claimed) -> bool:
        if row.exchange == CONTROL and not await self._marked(row):
            return False
        try:
            await self._publisher.publish(
                row.exchange,
                row.routing_key,
                row.body,
                kind=row.type,
                message_id=str(row.message_id),
                correlation_id=str(row.run_id or ""),
                mandatory=row.exchange != CONTROL,
            )
        except (NotStoredError, PublishUnknownError) as failure:
            _log.warning("outbox.unsent", id=row.id, type=row.type, reason=str(failure))
            return False
        return True

    async def _marked(self, row: Claimed) -> bool:
        """The tombstone of a closed run stands before its broadcast; an artifact store that is
        away holds up no other row.
        """
        if row.run_id is None:
            return True
        order = StopRun.model_validate_json(row.body)
        try:
            await self._artifacts.mark_closed(row.run_id, finish=order.finish)
        except Exception as error:
            if not away.is_away(error):
                raise
            _log.warning("outbox.unsent", id=row.id, type=row.type, reason=repr(error)[:300])
            return False
        return True

    async def _idle(self) -> None:
        try:
            async with asyncio.timeout(IDLE_S):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()
