"""How far a project is, what happened to it, and its files."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from api import files
from api.auth import Caller
from api.errors import documented
from api.routes.deps import ArtifactsDep, EngineDep, SettingsDep
from api.routes.projects import Cursor, Limit
from api.status import status
from api.timeline import timeline
from api.views import StatusView, Timeline

router = APIRouter(prefix="/projects/{project_id}", tags=["following"])


@router.get(
    "/status",
    response_model=StatusView,
    responses={304: {"description": "Unchanged"}, **documented("project_not_found")},
)
async def read_status(
    project_id: UUID,
    user: Caller,
    engine: EngineDep,
    settings: SettingsDep,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The answer that pages poll; ``ETag`` is the hash of its body, so an unchanged one costs a
    304.
    """
    async with engine.connect() as conn:
        view = await status(conn, user, project_id, settings.poll_after_ms)
    body = view.model_dump_json(by_alias=True).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if files.matches(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


@router.get("/timeline", responses=documented("project_not_found", "invalid_cursor"))
async def read_timeline(
    project_id: UUID, user: Caller, engine: EngineDep, limit: Limit = 100, cursor: Cursor = None
) -> Timeline:
    """What happened, when, in which attempt; oldest first."""
    async with engine.connect() as conn:
        return await timeline(conn, user, project_id, limit=limit, cursor=cursor)


@router.head("/artifacts/{name:path}", include_in_schema=False)
@router.get(
    "/artifacts/{name:path}",
    response_class=Response,
    responses={
        200: {"description": "The file", "content": {"application/octet-stream": {}}},
        206: {"description": "A range of it"},
        **documented(
            "project_not_found", "artifact_not_found", "artifact_missing", "range_not_satisfiable"
        ),
    },
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
    ``scenes/{sceneId}.mp4``.
    """
    async with engine.connect() as conn:
        file = await files.find(conn, user, project_id, name)
    return await files.served(request, file, artifacts, download=download)
