"""The service's process: reads settings, builds adapters, listens."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from notifier.app import broker_for
from notifier.deliveries import Deliveries
from notifier.handover import Handover
from notifier.settings import HandoverSettings
from notifier.store import NoticeStore
from shared.artifacts.store import ArtifactStore
from shared.messaging.consuming import consumes, take_no_more
from shared.messaging.publisher import Publisher
from shared.messaging.topology import MILESTONES_QUEUE
from shared.runtime import health
from shared.runtime.service import supervised
from shared.runtime.settings import (
    ArtifactSettings,
    BusSettings,
    ProcessSettings,
    StoreSettings,
    read,
)
from shared.store.engine import store_engine


async def main(process: ProcessSettings, stop: asyncio.Event) -> None:
    bus, store = read(BusSettings), read(StoreSettings)
    engine = store_engine(store.database_url, pool=store.database_pool, application="notifier")
    publisher = Publisher(bus.rabbitmq_url, name="notifier", stop=stop)
    handover = handover_of(read(HandoverSettings), engine)
    notices = NoticeStore(engine)
    broker = broker_for(bus.rabbitmq_url, notices, handover, grace_s=process.grace_s)

    async def consuming() -> bool:
        return consumes(broker) and await publisher.consumed([MILESTONES_QUEUE])

    checks: dict[str, health.Check] = {
        "staying": lambda: not stop.is_set(),
        "database": notices.reachable,
        "consuming": consuming,
    }
    async with health.serving(process.health_host, process.health_port, checks), publisher:
        await broker.start()
        if handover is None:
            await stop.wait()
        else:
            await _beside(handover, stop)
        await take_no_more(broker)
        await broker.stop()
    await engine.dispose()


def handover_of(settings: HandoverSettings, engine: AsyncEngine) -> Handover | None:
    """None where videos are handed over to nobody: then no artifacts are needed either."""
    if not settings.handover_url:
        return None
    files = read(ArtifactSettings)
    artifacts = ArtifactStore.at(files.artifacts_url, files)
    return Handover(Deliveries(engine), artifacts, settings)


async def _beside(handover: Handover, stop: asyncio.Event) -> None:
    """Hands over until the service stops; what is broken off is made again after its lease."""
    handing = asyncio.create_task(supervised("handover", handover.run, stop))
    await stop.wait()
    handing.cancel()
    await asyncio.gather(handing, return_exceptions=True)
