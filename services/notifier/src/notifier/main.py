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
    bus, store = read(BusSettings), read(StoreSettings)
    engine = store_engine(store.database_url, pool=store.database_pool, application="notifier")
    publisher = Publisher(bus.rabbitmq_url, name="notifier", stop=stop)
    checks: dict[str, health.Check] = {"consuming": lambda: publisher.consumed([MILESTONES_QUEUE])}
    async with health.serving(process.health_host, process.health_port, checks), publisher:
        broker = broker_for(bus.rabbitmq_url, NoticeStore(engine))
        await broker.start()
        await stop.wait()
        await broker.stop()
    await engine.dispose()


if __name__ == "__main__":
    service.run("notifier", main)
