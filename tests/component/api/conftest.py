"""The application over a real database and a real artifact folder; no broker: no request ever
needs one.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import Request
from support.driving import Driver

from api.app import Parts, application
from api.auth import User
from api.settings import ApiSettings
from shared.artifacts.store import ArtifactStore
from shared.engines import Engines
from shared.store.engine import store_engine


class ByHeader:
    """Lets every caller in under the name that it gives."""

    async def user_of(self, request: Request) -> User:
        return User(id=request.headers.get("x-user", "ann"))


@asynccontextmanager
async def nothing() -> AsyncIterator[None]:
    yield


@pytest.fixture
async def driver(database_url: str, tmp_path: Path) -> AsyncIterator[Driver]:
    engine = store_engine(database_url, pool=8, application="tests")
    artifacts = ArtifactStore.at(f"file://{tmp_path}")
    parts = Parts(
        settings=ApiSettings(_env_file=None),  # type: ignore[call-arg]
        engine=engine,
        artifacts=artifacts,
        authenticator=ByHeader(),
        engines=Engines(),
        wake=lambda: None,
        broker_up=lambda: False,
        background=nothing,
    )
    transport = httpx.ASGITransport(application(parts), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Driver(client, engine, artifacts)
    await engine.dispose()
