"""The service's process: reads settings, builds adapters, serves."""

import asyncio

from projector.app import serve
from projector.batch import reachable
from projector.settings import ProjectorSettings
from shared.artifacts.inventory import Inventory
from shared.artifacts.store import ArtifactStore
from shared.messaging.publisher import Publisher
from shared.runtime import health, service
from shared.runtime.settings import (
    ArtifactSettings,
    BusSettings,
    ProcessSettings,
    StoreSettings,
    read,
)
from shared.store.engine import store_engine


async def main(process: ProcessSettings, stop: asyncio.Event) -> None:
    service.seldom_search_cycles()
    bus, store, files = read(BusSettings), read(StoreSettings), read(ArtifactSettings)
    url, timeout_s = bus.rabbitmq_url, bus.publish_timeout_s
    artifacts = ArtifactStore.at(files.artifacts_url, files)
    await artifacts.probe()
    engine = store_engine(
        store.database_url,
        pool=store.database_pool,
        application="projector",
        generic_plans=True,
        trusted_s=2,
    )
    publisher = Publisher(url, name="projector", timeout_s=timeout_s, stop=stop)
    checks: dict[str, health.Check] = {
        "database": lambda: reachable(engine),
        "staying": lambda: not stop.is_set(),
        "publishing": publisher.publishes,
        "consuming": lambda: False,
    }
    async with health.serving(process.health_host, process.health_port, checks), publisher:
        await serve(
            rabbitmq_url=url,
            engine=engine,
            publisher=publisher,
            artifacts=artifacts,
            inventory=Inventory.at(files.artifacts_url, files),
            relays=read(ProjectorSettings).relay,
            checks=checks,
            grace_s=process.grace_s,
            stop=stop,
        )
    await engine.dispose()
