"""``python -m api.main``: reads settings, builds adapters, serves."""

import asyncio
import sys

import uvicorn

from api.app import Parts, application
from api.auth import LocalUser, is_loopback
from api.background import Background
from api.settings import ApiSettings
from shared.artifacts.store import ArtifactStore
from shared.engines import Engines
from shared.runtime import service
from shared.runtime.settings import (
    ArtifactSettings,
    BusSettings,
    ProcessSettings,
    StoreSettings,
    VoiceSettings,
    read,
)
from shared.store.engine import store_engine
from shared.voice_choice import pinned_voice


async def main(process: ProcessSettings, stop: asyncio.Event) -> None:
    settings, bus, store = read(ApiSettings), read(BusSettings), read(StoreSettings)
    if not is_loopback(settings.api_host):
        sys.exit(
            f"AUTH_MODE=local serves one user on this machine: API_HOST={settings.api_host} no."
        )
    artifacts = ArtifactStore.at(read(ArtifactSettings).artifacts_url)
    await artifacts.probe()
    engine = store_engine(store.database_url, pool=store.database_pool, application="api")
    relay = Background(bus, engine, artifacts, relay=settings.relay)
    parts = Parts(
        settings=settings,
        engine=engine,
        artifacts=artifacts,
        authenticator=LocalUser(settings.local_user, origins=settings.cors_origins),
        engines=Engines(voice=pinned_voice(read(VoiceSettings))),
        wake=relay.wake,
        broker_up=lambda: relay.broker_up,
        background=relay.running,
    )
    config = uvicorn.Config(
        application(parts),
        host=settings.api_host,
        port=settings.api_port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=int(process.grace_s),
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    await asyncio.wait([serving, asyncio.create_task(stop.wait())], return_when="FIRST_COMPLETED")
    server.should_exit = True
    await serving
    await engine.dispose()


if __name__ == "__main__":
    service.run("api", main)
