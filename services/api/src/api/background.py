"""What runs beside the requests: the broker connection, a relay on it, hints to open pages."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from api.live.hub import Hub
from api.live.updates import Updates
from shared.artifacts.store import ArtifactStore
from shared.errors import NotStoredError
from shared.messages.updates import ProjectChange
from shared.messaging.announcer import Announcer
from shared.messaging.publisher import Publisher
from shared.runtime.service import supervised
from shared.runtime.settings import BusSettings
from shared.store.relay import Relay

_SETTLE_S: Final = 5.0


class Background:
    """Connects when the broker is there; until then commits wait in the outbox, and no request
    waits.
    """

    def __init__(
        self, bus: BusSettings, engine: AsyncEngine, artifacts: ArtifactStore, *, relay: bool
    ) -> None:
        self._url = bus.rabbitmq_url
        self._stop = asyncio.Event()
        self._publisher = Publisher(
            bus.rabbitmq_url, name="api", timeout_s=bus.publish_timeout_s, stop=self._stop
        )
        self._relay = Relay(engine, self._publisher, artifacts, self._stop)
        self._announcer = Announcer(self._publisher)
        self._relays = relay

    def committed(self, change: ProjectChange) -> None:
        """Commands may wait in the outbox, and other processes' pages may show this project."""
        self._relay.wake()
        self._announcer.tell([change])

    async def broker_up(self) -> bool:
        """Whether the broker confirms messages now."""
        return await self._publisher.publishes()

    async def depth(self, queue: str) -> tuple[int, int]:
        """(messages ready, consumers) of a queue; raises when the broker is away."""
        if not self._publisher.is_up:
            raise NotStoredError("no connection to the broker")
        return await self._publisher.depth(queue)

    @asynccontextmanager
    async def running(self, hub: Hub) -> AsyncGenerator[None, None]:
        updates = Updates(self._url, hub)
        relay = asyncio.create_task(supervised("relay", self._work, self._stop))
        hearing = asyncio.create_task(supervised("updates", updates.run, self._stop))
        try:
            yield
        finally:
            self._stop.set()
            hearing.cancel()
            await asyncio.wait([relay], timeout=_SETTLE_S)  # what was sent is marked
            relay.cancel()
            await asyncio.gather(relay, hearing, return_exceptions=True)

    async def _work(self) -> None:
        async with self._publisher:
            if self._relays:
                await self._relay.run()
            else:
                await self._stop.wait()
