"""``python -m projector.main``: reads settings, builds adapters, serves."""

import asyncio

from projector.app import serve
from shared.artifacts.store import ArtifactStore
from shared.messaging.publisher import Publisher
from shared.runtime import service
from shared.runtime.settings import (
    ArtifactSettings,
    BusSettings,
    ProcessSettings,
    StoreSettings,
    read,
)
from shared.store.engine import store_engine


async def main(process: ProcessSettings, stop: asyncio.Event) -> None:
    bus, store, files = read(BusSettings), read(StoreSettings), read(ArtifactSettings)
    artifacts = ArtifactStore.at(files.artifacts_url)
    await artifacts.probe()
    engine = store_engine(store.database_url, pool=store.database_pool, application="projector")
    async with Publisher(
        bus.rabbitmq_url, name="projector", timeout_s=bus.publish_timeout_s
    ) as publisher:
        await serve(
            rabbitmq_url=bus.rabbitmq_url,
            engine=engine,
            publisher=publisher,
            artifacts=artifacts,
            process=process,
            stop=stop,
        )
    await engine.dispose()


if __name__ == "__main__":
    service.run("projector", main)
