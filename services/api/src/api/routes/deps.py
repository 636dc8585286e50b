"""What routes take from the application."""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from api.settings import ApiSettings
from shared.artifacts.store import ArtifactStore
from shared.engines import Engines


async def engine(request: Request) -> AsyncEngine:
    return request.app.state.engine


async def artifacts(request: Request) -> ArtifactStore:
    return request.app.state.artifacts


async def settings(request: Request) -> ApiSettings:
    return request.app.state.settings


async def engines(request: Request) -> Engines:
    return request.app.state.engines


EngineDep = Annotated[AsyncEngine, Depends(engine)]
ArtifactsDep = Annotated[ArtifactStore, Depends(artifacts)]
SettingsDep = Annotated[ApiSettings, Depends(settings)]
EnginesDep = Annotated[Engines, Depends(engines)]
