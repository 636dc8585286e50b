"""What routes take from the application."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from api.asides import Asides
from api.auth import User
from api.decoding import Intake
from api.gathering import Gathered
from api.links import Links
from api.live.hub import Hub
from api.live.streams import Pace
from api.opening import Terms
from api.recent import RecentStatuses
from shared.artifacts.store import ArtifactStore

Committed = Callable[[User, UUID], None]
"""Told after a commit that is not made by ``Once``: open pages and the relay hear of it."""


async def engine(request: Request) -> AsyncEngine:
    return request.app.state.engine


async def artifacts(request: Request) -> ArtifactStore:
    return request.app.state.artifacts


async def terms(request: Request) -> Terms:
    return request.app.state.terms


async def hub(request: Request) -> Hub:
    return request.app.state.hub


async def reader(request: Request) -> RecentStatuses:
    return request.app.state.reader


async def gathered(request: Request) -> Gathered:
    return request.app.state.gathered


async def pace(request: Request) -> Pace:
    return request.app.state.pace


async def links(request: Request) -> Links:
    return request.app.state.links


async def intake(request: Request) -> Intake:
    return request.app.state.intake


async def asides(request: Request) -> Asides:
    return request.app.state.asides


async def committed(request: Request) -> Committed:
    return request.app.state.committed


EngineDep = Annotated[AsyncEngine, Depends(engine)]
ArtifactsDep = Annotated[ArtifactStore, Depends(artifacts)]
TermsDep = Annotated[Terms, Depends(terms)]
HubDep = Annotated[Hub, Depends(hub)]
ReaderDep = Annotated[RecentStatuses, Depends(reader)]
GatheredDep = Annotated[Gathered, Depends(gathered)]
PaceDep = Annotated[Pace, Depends(pace)]
LinksDep = Annotated[Links, Depends(links)]
AsidesDep = Annotated[Asides, Depends(asides)]
IntakeDep = Annotated[Intake, Depends(intake)]
CommittedDep = Annotated[Committed, Depends(committed)]
