"""``/uploads``: the user's own pictures and music."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import files, limits, uploads
from api.auth import Caller
from api.errors import documented
from api.idempotency import OnceDep
from api.requests import Hint
from api.routes.deps import ArtifactsDep, EngineDep, IntakeDep
from api.routes.projects import Cursor, Limit
from api.uploads import UploadPage, UploadView
from api.views import CountView
from shared.foreign.decoding import LONGEST_S
from shared.store.engine import autocommit

router = APIRouter(prefix="/uploads", tags=["uploads"])
_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {"image/*": _BYTES, "audio/*": _BYTES}}
}
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file",
        "content": dict.fromkeys(("image/jpeg", "image/png", "audio/mp4"), _BYTES),
    },
    206: {"description": "A range of it"},
}


@router.post(
    "",
    status_code=201,
    openapi_extra=_BODY,
    responses=documented(
        "upload_too_large", "upload_refused", "upload_unreadable", "artifacts_unavailable"
    ),
)
async def upload(  # noqa: PLR0913, PLR0917  (the parts of the request)
    request: Request,
    user: Caller,
    engine: EngineDep,
    artifacts: ArtifactsDep,
    intake: IntakeDep,
    name: Annotated[Hint | None, Query()] = None,
) -> UploadView:
    """A picture (JPEG, PNG, WebP, GIF) or music (MP3, M4A, AAC, WAV, Ogg, FLAC), the body as it is.

    It is known by its bytes and made anew: pictures upright, at most 2560 pixels wide and high,
    without metadata, as JPEG or PNG; music of at most 15 minutes as AAC. ``name`` is what the list
    calls it.
    """
    limits.extend(request.scope, LONGEST_S)
    with TemporaryDirectory(prefix="reelay-upload-") as folder:
        made = await intake.taken(request, Path(folder))
        blob = await artifacts.put_file(made.file, made.media_type)
    return await uploads.add(engine, user, blob, artifacts, about=uploads.described(made, name))


@router.get("", responses=documented("invalid_cursor"))
async def list_uploads(
    user: Caller, engine: EngineDep, limit: Limit = 20, cursor: Cursor = None
) -> UploadPage:
    """The caller's uploads, newest first."""
    return await uploads.page(engine, user, limit=limit, cursor=cursor)


@router.head("/{upload_id}/file", include_in_schema=False)
@router.get(
    "/{upload_id}/file",
    response_class=Response,
    responses=_FILE | documented("upload_not_found", "artifact_missing", "range_not_satisfiable"),
)
async def read_upload(  # noqa: PLR0913, PLR0917  (the parts of the request)
    request: Request,
    upload_id: UUID,
    user: Caller,
    engine: EngineDep,
    artifacts: ArtifactsDep,
    download: Annotated[bool, Query()] = False,  # noqa: FBT002
) -> Response:
    """The upload as it was made anew."""
    async with autocommit(engine) as conn:
        file = await uploads.find(conn, user, upload_id)
    return await files.served(request, file, artifacts, download=download)


@router.delete("/{upload_id}", response_model=CountView, responses=documented("upload_not_found"))
async def delete_upload(upload_id: UUID, user: Caller, once: OnceDep) -> Response:
    """Out of the list for good; scripts and videos that show it stay as they are."""
    return await once.answer(lambda conn: uploads.delete(conn, user, upload_id))
