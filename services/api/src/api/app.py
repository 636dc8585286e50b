"""The application, wired: routes, errors, limits, docs that need no internet, health."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from sqlalchemy.ext.asyncio import AsyncEngine

from api import errors
from api.auth import Authenticator
from api.limits import Limits
from api.projects import database_answers
from api.routes import following, notices, projects, runs
from api.settings import ApiSettings
from shared.artifacts.store import ArtifactStore
from shared.engines import Engines
from shared.runtime.health import answers

PREFIX: Final = "/api/video-creation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the application works with. ``wake`` tells the relay of a commit; ``background`` runs
    beside it.
    """

    settings: ApiSettings
    engine: AsyncEngine
    artifacts: ArtifactStore
    authenticator: Authenticator
    engines: Engines
    wake: Callable[[], None]
    broker_up: Callable[[], bool]
    background: Callable[[], AbstractAsyncContextManager[None]]


def application(parts: Parts) -> FastAPI:
    """The whole HTTP side; works without a broker, and says so in ``/ready``."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None, None]:
        async with parts.background():
            yield

    app = FastAPIOffline(
        title="Reelay",
        version="0.1.0",
        description="Videos from a topic or an article, and the truth about how far they are.",
        docs_url="/api-docs",
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.engine = parts.engine
    app.state.artifacts = parts.artifacts
    app.state.authenticator = parts.authenticator
    app.state.engines = parts.engines
    app.state.settings = parts.settings
    app.state.wake = parts.wake
    errors.install(app)
    for routes in (projects, runs, following, notices):
        app.include_router(routes.router, prefix=PREFIX)
    _add_health(app, parts)
    app.add_middleware(Limits, timeout_s=parts.settings.request_timeout_s)
    if parts.settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=parts.settings.cors_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["ETag", "Idempotency-Replayed"],
        )
    return app


def _add_health(app: FastAPI, parts: Parts) -> None:
    @app.get("/live", include_in_schema=False)
    async def live() -> dict[str, bool]:
        return {"live": True}

    @app.get("/ready", include_in_schema=False)
    async def ready() -> JSONResponse:
        found = await answers({"database": lambda: database_answers(parts.engine)})
        body = {"ready": found["database"], **found, "broker": parts.broker_up()}
        return JSONResponse(body, 200 if found["database"] else 503)
