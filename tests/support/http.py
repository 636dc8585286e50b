"""The API's application in this process: its parts, and a real server around it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import Headers
from support.waiting import eventually

from api.app import Parts
from api.auth import ALL_SCOPES, User
from api.live.hub import Hub
from api.settings import ApiSettings
from shared.artifacts.store import ArtifactStore
from shared.engines import Engines
from shared.errors import NotStoredError

SMALL = 4_096


class ByHeader:
    """Lets every caller in under the name that it gives, with the scopes that it gives."""

    async def user_of(self, headers: Headers) -> User:
        scopes = headers.get("x-scopes")
        return User(
            id=headers.get("x-user", "ann"),
            scopes=ALL_SCOPES if scopes is None else frozenset(scopes.split()),
        )


@asynccontextmanager
async def nothing(_: Hub) -> AsyncIterator[None]:
    yield


async def away(queue: str) -> tuple[int, int]:
    raise NotStoredError(queue)


def parts_of(engine: AsyncEngine, artifacts: ArtifactStore, **changes: Any) -> Parts:
    """No broker: no request ever needs one. ``settings``: the API's own, by name."""
    settings = ApiSettings(_env_file=None, **changes.pop("settings", {}))  # type: ignore[call-arg]
    values: dict[str, Any] = {
        "settings": settings,
        "engine": engine,
        "artifacts": artifacts,
        "authenticator": ByHeader(),
        "engines": Engines(),
        "link_secret": "a secret of the tests, long enough",
        "committed": lambda _: None,
        "broker_up": lambda: False,
        "background": nothing,
        "depth": away,
    }
    return Parts(**{**values, **changes})


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Calls the application in this process; what it kept for polls goes back at the end."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await app.state.gathered.close()


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The address of a real server with everything that lives beside the requests."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical")
    listening = config.bind_socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)  # who reads nothing is seen
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve([listening]))
    await eventually(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        app.state.hub.close()
        server.should_exit = True
        await serving
        listening.close()
