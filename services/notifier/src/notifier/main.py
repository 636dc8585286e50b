"""``python -m notifier.main``: reads settings, builds adapters, listens."""

import asyncio

from notifier.app import broker_for
from notifier.store import NoticeStore
from shared.messaging.publisher import Publisher
from shared.messaging.topology import MILESTONES_QUEUE
from shared.runtime import health, service
from shared.runtime.settings import BusSettings, ProcessSettings, StoreSettings, read
from shared.store.engine import store_engine


async def main(process: ProcessSettings, stop: asyncio.Event) -> None:
    bus, settings = read(BusSettings), read(StoreSettings)
    engine = store_engine(
        settings.database_url, pool=settings.database_pool, application="notifier"
    )
    async with Publisher(bus.rabbitmq_url, name="notifier") as publisher:

        async def consuming() -> bool:
            return (await publisher.depth(MILESTONES_QUEUE))[1] > 0

        server = await health.serve(
            process.health_host, process.health_port, {"consuming": consuming}
        )
        broker = broker_for(bus.rabbitmq_url, NoticeStore(engine))
        await broker.start()
        await stop.wait()
        await broker.stop()
        server.close()
    await engine.dispose()


if __name__ == "__main__":
    service.run("notifier", main)
