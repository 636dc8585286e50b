"""The service's process: reads settings, builds adapters, serves."""

import asyncio
import secrets
import socket
import sys
from functools import partial

import uvicorn

from api.app import Parts, application
from api.auth import Authenticator, LocalUser, is_loopback
from api.background import Background
from api.database import impatient
from api.provider_keys import ProviderKey, ProviderKeys
from api.settings import ApiSettings, AuthSettings
from shared.artifacts.store import ArtifactStore
from shared.engines import Engines
from shared.errors import ServiceError
from shared.makers import check_footage_key, check_image_key, footage_engine, image_engine
from shared.runtime import service
from shared.runtime.settings import (
    ArtifactSettings,
    BusSettings,
    FootageSettings,
    ImageSettings,
    ProcessSettings,
    StoreSettings,
    VoiceSettings,
    WriterSettings,
    read,
)
from shared.store.engine import store_engine
from shared.voice_choice import check_voice, check_voice_key, pinned_voice
from shared.writers import check_key, writer_engine

UNREAD_MS = 30_000


async def main(process: ProcessSettings, stop: asyncio.Event) -> None:
    service.seldom_search_cycles()
    settings, bus, store = read(ApiSettings), read(BusSettings), read(StoreSettings)
    authenticator = authenticator_of(settings, read(AuthSettings))
    if not isinstance(authenticator, LocalUser) and settings.link_secret is None:
        sys.exit(
            "AUTH_MODE=jwt needs LINK_SECRET, 32 characters or more, in all replicas the same."
        )
    files = read(ArtifactSettings)
    artifacts = ArtifactStore.at(files.artifacts_url, files)
    await artifacts.probe()
    engine = store_engine(store.database_url, pool=store.database_pool, application="api")
    engine = impatient(engine, wait_s=settings.database_wait_s)
    writer, voice = read(WriterSettings), read(VoiceSettings)
    image, footage = read(ImageSettings), read(FootageSettings)
    beside = Background(bus, engine, artifacts, relay=settings.relay)
    parts = Parts(
        settings=settings,
        engine=engine,
        artifacts=artifacts,
        authenticator=authenticator,
        engines=engines_of(writer, voice, image, footage),
        keys=keys_of(writer, voice, image, footage),
        link_secret=settings.link_secret or secrets.token_urlsafe(32),
        committed=beside.committed,
        broker_up=beside.broker_up,
        background=beside.running,
        depth=beside.depth,
    )
    await _serve(parts, process, stop)
    await engine.dispose()


def engines_of(
    writer: WriterSettings, voice: VoiceSettings, image: ImageSettings, footage: FootageSettings
) -> Engines:
    """What new runs pin. A setting that is missing ends the process here, by name, before any run
    could open and fail.
    """
    try:
        check_voice(voice)
        return Engines(
            writer=writer_engine(writer),
            voice=pinned_voice(voice),
            image=image_engine(image),
            footage=footage_engine(footage),
        )
    except ServiceError as missing:
        sys.exit(f"{missing.code}: {missing.detail}")


def keys_of(
    writer: WriterSettings, voice: VoiceSettings, image: ImageSettings, footage: FootageSettings
) -> ProviderKeys:
    return ProviderKeys(
        {
            "script": ProviderKey(partial(check_key, writer)),
            "voice": ProviderKey(partial(check_voice_key, voice)),
            "image": ProviderKey(partial(check_image_key, image)),
            "footage": ProviderKey(partial(check_footage_key, footage)),
        }
    )


def authenticator_of(settings: ApiSettings, auth: AuthSettings) -> Authenticator:
    """Ends the process where the local mode would serve more than this machine."""
    if auth.auth_mode == "local":
        if not is_loopback(settings.api_host):
            sys.exit(
                f"AUTH_MODE=local serves this machine alone, not API_HOST={settings.api_host}: "
                "take 127.0.0.1, or AUTH_MODE=jwt."
            )
        return LocalUser(settings.local_user, origins=settings.cors_origins)
    from api.tokens import users_of  # noqa: PLC0415  (its libraries are 11 MB)

    return users_of(auth)


async def _serve(parts: Parts, process: ProcessSettings, stop: asyncio.Event) -> None:
    app = application(parts)
    config = uvicorn.Config(
        app,
        host=parts.settings.api_host,
        port=parts.settings.api_port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=int(process.grace_s),
    )
    listening = config.bind_socket()
    if sys.platform == "linux":  # connections inherit it: who reads nothing for so long is cut off
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve([listening]))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    await asyncio.wait([serving, asyncio.create_task(stop.wait())], return_when="FIRST_COMPLETED")
    app.state.hub.close()
    server.should_exit = True
    await serving
