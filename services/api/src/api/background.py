"""What runs beside the requests: the connection to the broker, and a relay on it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.artifacts.store import ArtifactStore
from shared.messaging.publisher import Publisher
from shared.runtime.service import supervised
from shared.runtime.settings import BusSettings
from shared.store.relay import Relay


class Background:
    """Connects when the broker is there; until then commits wait in the outbox, and no request
    waits.
    """

    def __init__(
        self, bus: BusSettings, engine: AsyncEngine, artifacts: ArtifactStore, *, relay: bool
    ) -> None:
        self._publisher = Publisher(bus.rabbitmq_url, name="api", timeout_s=bus.publish_timeout_s)
        self._stop = asyncio.Event()
        self._relay = Relay(engine, self._publisher, artifacts, self._stop)
        self._relays = relay

    def wake(self) -> None:
        self._relay.wake()

    @property
    def broker_up(self) -> bool:
        return self._publisher.is_up

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        loop = asyncio.create_task(supervised("relay", self._work, self._stop))
        try:
            yield
        finally:
            self._stop.set()
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)

    async def _work(self) -> None:
        async with self._publisher:
            if self._relays:
                await self._relay.run()
            else:
                await self._stop.wait()
