"""How far a project is, what happened to it, and its files."""

import time
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import files, limits
from api.auth import Caller, User
from api.errors import documented
from api.following_views import StatusView, Timeline
from api.live.hub import Hub
from api.routes.deps import ArtifactsDep, EngineDep, GatheredDep, HubDep, LinksDep
from api.routes.polling import answer
from api.routes.projects import Limit
from api.status import Told, owned
from api.timeline import timeline
from api.views import LinkView
from shared.store.engine import autocommit

LONGEST_WAIT_S: Final = 25
LOOK_S: Final = 1.0
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file", "content": {"application/octet-stream": {}}},
    206: {"description": "A range of it"},
}
_BEYOND: Final[dict[int | str, dict[str, Any]]] = {
    307: {"description": "The bucket's own address of a video (`LINK_REDIRECTS`)"}
}
_FILE_CODES: Final = (
    "project_not_found",
    "artifact_not_found",
    "artifact_missing",
    "range_not_satisfiable",
)

Place = Annotated[str | None, Query(max_length=200, json_schema_extra={"pattern": "^[0-9]{1,18}$"})]
router = APIRouter(prefix="/projects/{project_id}", tags=["following"])
linked = APIRouter(prefix="/links", tags=["following"])


@router.get(
    "/status",
    response_model=StatusView,
    responses={
        304: {"description": "Unchanged"},
        **documented("project_not_found", "too_many_streams"),
    },
)
async def read_status(  # noqa: PLR0913, PLR0917  (the parts of the request)
    request: Request,
    project_id: UUID,
    user: Caller,
    hub: HubDep,
    gathered: GatheredDep,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, allow_inf_nan=False)] = 0,
    etag: Annotated[str | None, Query(max_length=100)] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The answer that pages poll; ``ETag`` is the hash of its body, so an unchanged one costs a
    304. With ``wait`` (seconds) the answer comes as soon as it differs from ``etag`` or
    If-None-Match, at the latest then.
    """
    seen = etag or if_none_match
    told = owned(await gathered.told(project_id), user)
    if wait and files.matches(seen, told.etag):
        limits.extend(request.scope, wait)
        if not await _changed(request, hub, user, told, wait):
            return answer(told, told.etag)
        told = owned(await gathered.told(project_id), user)
    return answer(told, seen)


async def _changed(request: Request, hub: Hub, user: User, told: Told, seconds: float) -> bool:
    """Whether something happens in time (a deletion, too); a client that leaves ends the wait."""
    subscription = hub.subscribe(user.id, told.project_id)
    ends = time.monotonic() + seconds
    try:
        subscription.seen([told])
        while not subscription.closed and not await request.is_disconnected():
            left = ends - time.monotonic()
            if await subscription.next(min(left, LOOK_S)):
                return True
            if left <= LOOK_S:
                return subscription.closed
        return subscription.closed
    finally:
        hub.unsubscribe(subscription)


@router.get("/timeline", responses=documented("project_not_found", "invalid_cursor"))
async def read_timeline(
    project_id: UUID, user: Caller, engine: EngineDep, limit: Limit = 100, cursor: Place = None
) -> Timeline:
    """What happened, when, in which attempt; oldest first."""
    async with autocommit(engine) as conn:
        return await timeline(conn, user, project_id, limit=limit, cursor=cursor)


@router.get("/links/{name:path}", responses=documented("project_not_found", "artifact_not_found"))
async def sign_link(
    project_id: UUID, name: str, user: Caller, engine: EngineDep, links: LinksDep
) -> LinkView:
    """A link to an artifact that needs no token and is good for some minutes: for players."""
    async with autocommit(engine) as conn:
        await files.find(conn, user, project_id, name)
    return links.to(user, project_id, name)


@router.head("/artifacts/{name:path}", include_in_schema=False)
@router.get(
    "/artifacts/{name:path}",
    response_class=Response,
    responses=_FILE | documented(*_FILE_CODES),
)
async def read_artifact(  # noqa: PLR0913, PLR0917  (the parts of the request)
    request: Request,
    project_id: UUID,
    name: str,
    user: Caller,
    engine: EngineDep,
    artifacts: ArtifactsDep,
    download: Annotated[bool, Query()] = False,  # noqa: FBT002
) -> Response:
    """``video.mp4``, ``cover.jpg``, ``captions.srt``, ``captions.vtt``,
    ``scenes/{sceneId}.mp4``; ``pictures/…``: what a picture card's ``path`` says after ``blob/``.
    """
    async with autocommit(engine) as conn:
        file = await files.find(conn, user, project_id, name)
    return await files.served(request, file, artifacts, download=download)


@linked.head("/{signed}/{file}", include_in_schema=False)
@linked.get(
    "/{signed}/{file}",
    response_class=Response,
    responses=_FILE | _BEYOND | documented("link_invalid", *_FILE_CODES),
)
async def read_linked(  # noqa: PLR0913, PLR0917  (the parts of the request)
    request: Request,
    signed: Annotated[str, Path(max_length=2_000)],
    _: Annotated[str, Path(alias="file", max_length=200)],
    engine: EngineDep,
    artifacts: ArtifactsDep,
    links: LinksDep,
    download: Annotated[bool, Query()] = False,  # noqa: FBT002
) -> Response:
    """The artifact behind a signed link; the last part of the address is for those who save it."""
    user, project_id, name = links.opened(signed)
    async with autocommit(engine) as conn:
        found = await files.find(conn, user, project_id, name)
    beyond = None if download else await links.beyond(request, name, found, artifacts)
    if beyond is not None:
        return RedirectResponse(beyond, headers={"Cache-Control": "no-store"})
    return await files.served(request, found, artifacts, download=download)
