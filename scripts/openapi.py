"""Writes the API's OpenAPI document, from which the page's typed client is generated."""

import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import create_async_engine

from api.app import Parts, application
from api.auth import LocalUser
from api.live.hub import Hub
from api.settings import ApiSettings
from shared.artifacts.store import ArtifactStore
from shared.engines import Engines
from shared.errors import NotStoredError


def document() -> dict[str, Any]:
    """What the API answers at ``/openapi.json``; nothing is connected to for it."""
    parts = Parts(
        settings=ApiSettings(),
        engine=create_async_engine("postgresql+asyncpg://nobody@localhost/none"),
        artifacts=ArtifactStore.at("memory:///"),
        authenticator=LocalUser("nobody"),
        engines=Engines(),
        link_secret=ApiSettings().link_secret or "",
        committed=lambda _: None,
        broker_up=lambda: False,
        background=_nothing,
        depth=_unknown,
    )
    return application(parts).openapi()


@asynccontextmanager
async def _nothing(_: Hub) -> AsyncGenerator[None]:
    yield


async def _unknown(queue: str) -> tuple[int, int]:
    raise NotStoredError(queue)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(), ensure_ascii=False, indent=1) + "\n")
