"""The application over a real database and a real artifact folder; no broker: no request ever
needs one.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from support.driving import Driver
from support.http import parts_of, served
from support.waiting import eventually

from api.app import application
from api.main import engines_of, keys_of
from shared.artifacts.store import ArtifactStore
from shared.runtime.settings import FootageSettings, ImageSettings, VoiceSettings, WriterSettings
from shared.store.engine import store_engine


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = store_engine(database_url, pool=8, application="tests")
    yield engine
    await eventually(lambda: engine.pool.checkedout() == 0)  # a lane of polls lingers for a moment
    await engine.dispose()


@pytest.fixture
def artifacts(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore.at(f"file://{tmp_path}")


@pytest.fixture
async def driver(engine: AsyncEngine, artifacts: ArtifactStore) -> AsyncIterator[Driver]:
    transport = httpx.ASGITransport(
        application(parts_of(engine, artifacts)), raise_app_exceptions=False
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Driver(client, engine, artifacts)


@pytest.fixture
def serve(
    engine: AsyncEngine, artifacts: ArtifactStore
) -> Callable[..., AbstractAsyncContextManager[Driver]]:
    """An API with these settings (``writer``, ``voice``, ``image``, ``footage``), its providers
    wired as its process wires them. All that is not given is offline or off.
    """

    @asynccontextmanager
    async def serving(**given: Any) -> AsyncIterator[Driver]:
        offline = {
            "writer": WriterSettings(writer="offline"),
            "voice": VoiceSettings(voice="espeak"),
            "image": ImageSettings(image="off"),
            "footage": FootageSettings(footage="off"),
        }
        settings: dict[str, Any] = {**offline, **given}
        wired = {"engines": engines_of(**settings), "keys": keys_of(**settings)}
        transport = httpx.ASGITransport(application(parts_of(engine, artifacts, **wired)))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield Driver(client, engine, artifacts)

    return serving


@pytest.fixture
async def real_client(
    engine: AsyncEngine, artifacts: ArtifactStore
) -> AsyncIterator[httpx.AsyncClient]:
    """Over a real server: what a parser of HTTP refuses is part of the answer."""
    async with (
        served(application(parts_of(engine, artifacts))) as url,
        httpx.AsyncClient(base_url=url, timeout=10) as client,
    ):
        yield client
