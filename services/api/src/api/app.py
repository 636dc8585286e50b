"""The application, wired: routes, errors, limits, docs that need no internet, health."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from sqlalchemy.ext.asyncio import AsyncEngine

from api import document, errors, page
from api.asides import Asides
from api.auth import Authenticator, LocalUser, User
from api.decoding import Intake
from api.desk.sight import Depth
from api.estimates import Estimates
from api.gathering import Gathered
from api.limits import Limits
from api.links import Links
from api.live.hub import Hub
from api.live.streams import Pace
from api.methods import Methods
from api.opening import Terms
from api.projects import database_answers
from api.provider_keys import ProviderKeys
from api.recent import RecentStatuses
from api.routes import asides, events, following, notices, ops, projects, runs, uploads
from api.routes.polling import FailedPoll, Polls
from api.settings import ApiSettings
from api.status import StatusReader
from shared.artifacts.store import ArtifactStore
from shared.engines import Engines
from shared.messages.updates import ProjectChange
from shared.runtime.health import Check, answers
from shared.runtime.service import supervised

PREFIX: Final = "/api/video-creation"
OPS_PREFIX: Final = "/api/ops"
Beside = Callable[[Hub], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the application works with. ``committed`` is told of each commit; ``background`` runs
    beside it. ``depth`` asks the broker how a queue stands.
    """

    settings: ApiSettings
    engine: AsyncEngine
    artifacts: ArtifactStore
    authenticator: Authenticator
    engines: Engines
    link_secret: str
    committed: Callable[[ProjectChange], None]
    broker_up: Check
    background: Beside
    depth: Depth
    keys: ProviderKeys = field(default_factory=ProviderKeys)


def application(parts: Parts) -> FastAPI:
    """The whole HTTP side; works without a broker, and says so in ``/ready``.

    ``state.hub.close()`` ends the open streams, so that a server can stop.
    """
    settings = parts.settings
    reader = RecentStatuses(
        StatusReader(Estimates(), poll_after_ms=settings.poll_after_ms),
        most_bytes=settings.status_cache_bytes,
    )
    gathered = Gathered(parts.engine, reader.read, timeout_s=settings.request_timeout_s)
    hub = Hub(parts.engine, reader.read, most_per_user=settings.max_streams)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None, None]:
        living = asyncio.create_task(supervised("hub", hub.run, asyncio.Event()))
        async with parts.background(hub):
            yield
        await gathered.close()
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)

    def committed(user: User, project_id: str | UUID | None) -> None:
        if project_id is not None:
            change = ProjectChange(project_id=UUID(str(project_id)), user_id=user.id)
            hub.changed([change])
            parts.committed(change)

    app = FastAPIOffline(
        title="Reelay",
        version="0.1.0",
        description="Videos from a topic or an article, and the truth about how far they are.",
        docs_url="/api-docs",
        redoc_url=None,
        generate_unique_id_function=document.name_of,
        lifespan=lifespan,
    )
    app.state.engine = parts.engine
    app.state.artifacts = parts.artifacts
    app.state.authenticator = parts.authenticator
    app.state.terms = Terms(
        engines=parts.engines, most_active=settings.max_active_runs, keys=parts.keys
    )
    app.state.intake = Intake(most_bytes=settings.upload_max_bytes)
    app.state.asides = Asides(
        engine=parts.engine,
        artifacts=parts.artifacts,
        engines=parts.engines,
        most=settings.max_previews,
    )
    app.state.committed = committed
    app.state.hub, app.state.reader, app.state.gathered = hub, reader, gathered
    app.state.pace = Pace(alive_s=settings.stream_alive_s, slow_s=settings.slow_reader_s)
    app.state.links = Links(
        parts.link_secret,
        ttl_s=settings.link_ttl_s,
        prefix=PREFIX,
        redirects=settings.link_redirects,
    )
    errors.install(app)
    routers = [part.router for part in (projects, runs, following, events, notices, uploads)]
    routers += [following.linked, asides.previews_of_scenes, asides.samples_of_voices]
    app.router.routes.append(FailedPoll())
    for router in routers:
        app.include_router(router, prefix=PREFIX)
    app.include_router(ops.router, prefix=OPS_PREFIX)
    app.state.methods = Methods({PREFIX: routers, OPS_PREFIX: [ops.router]})
    app.state.depth = parts.depth
    document.install(app, tokens=not isinstance(parts.authenticator, LocalUser))
    _add_health(app, parts)
    page.install(app, settings.page_dir)
    app.add_middleware(
        Limits, timeout_s=settings.request_timeout_s, raw=frozenset({f"{PREFIX}/uploads"})
    )
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["ETag", "Idempotency-Replayed", "Retry-After"],
        )
    app.middleware_stack = Polls(
        app.build_middleware_stack(), gathered, parts.authenticator, prefix=PREFIX
    )
    return app


def _add_health(app: FastAPI, parts: Parts) -> None:
    @app.get("/live", include_in_schema=False)
    async def live() -> dict[str, bool]:
        return {"live": True}

    @app.get("/ready", include_in_schema=False)
    async def ready() -> JSONResponse:
        checks: dict[str, Check] = {
            "database": lambda: database_answers(parts.engine),
            "broker": parts.broker_up,
        }
        found = await answers(checks)
        body = {"ready": found["database"], **found}
        return JSONResponse(body, 200 if found["database"] else 503)
