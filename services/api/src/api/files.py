"""Finished files over HTTP: names of ours, single ranges (RFC 9110, section 14), strong
validators.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import User
from api.errors import RefusedError
from shared.artifacts.store import ArtifactStore
from shared.messages.manifest import Blob, Manifest
from shared.store import tables

_OF_THE_VIDEO = {
    "video.mp4": "video",
    "cover.jpg": "cover",
    "captions.srt": "srt",
    "captions.vtt": "vtt",
}
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_ASIDE = re.compile(r"(preview|sample)s/([0-9a-f]{64})\.(?:mp4|jpg|wav)")
_P, _T, _A = tables.projects, tables.tasks, tables.asides


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    blob: Blob
    name: str


async def find(conn: AsyncConnection, user: User, project_id: UUID | None, name: str) -> File:
    """The file behind ``name``: the finished video's parts, a scene's clip of the current run, a
    picture of the script, a preview; without a project a sample.
    """
    if project_id is None:
        return _file("", await _aside(conn, user, None, name), "audio", name)
    query = select(_P.c.title, _P.c.video, _P.c.current_run_id, _P.c.script).where(
        _P.c.id == project_id, _P.c.user_id == user.id, _P.c.deleted_at.is_(None)
    )
    row = (await conn.execute(query)).mappings().one_or_none()
    if row is None:
        raise RefusedError("project_not_found")
    if name in _OF_THE_VIDEO:
        manifest, role = row["video"], _OF_THE_VIDEO[name]
    elif name.startswith("pictures/"):
        return _picture(row["script"], name)
    elif name.startswith("previews/"):
        manifest = await _aside(conn, user, project_id, name)
        role = "still" if name.endswith(".jpg") else "video"
    else:
        manifest, role = await _clip(conn, row["current_run_id"], name), "video"
    return _file(row["title"], manifest, role, name)


def _file(title: str, manifest: dict[str, object] | None, role: str, name: str) -> File:
    if manifest is None:
        raise RefusedError("artifact_not_found")
    blob = Manifest.model_validate(manifest).blobs.get(role)
    if blob is None:
        raise RefusedError("artifact_not_found")
    suffix = name.rsplit(".", 1)[-1]
    return File(blob=blob, name=f"{title or 'video'}.{suffix}")


def _picture(script: dict[str, Any] | None, name: str) -> File:
    """What a picture card of the script shows now; ``name`` is its path, with another folder."""
    path = name.replace("pictures/", "blob/", 1)
    scenes: list[dict[str, Any]] = script["scenes"] if script else []
    for scene in scenes:
        picture = scene["card"].get("picture")
        if picture and picture["path"] == path:
            return File(blob=Blob.model_validate(picture), name=name.rsplit("/", 1)[-1])
    raise RefusedError("artifact_not_found")


async def _aside(
    conn: AsyncConnection, user: User, project_id: UUID | None, name: str
) -> dict[str, object] | None:
    """The manifest of a preview or sample that this user asked for."""
    match = _ASIDE.fullmatch(name)
    if match is None:
        return None
    query = select(_A.c.manifest).where(
        _A.c.user_id == user.id,
        _A.c.key == f"{match[1]}/{match[2]}",
        _A.c.project_id.is_not_distinct_from(project_id),
    )
    return (await conn.execute(query)).scalar()


async def _clip(conn: AsyncConnection, run_id: UUID | None, name: str) -> dict[str, object] | None:
    match = re.fullmatch(r"scenes/([0-9a-f-]{36})\.mp4", name)
    if match is None or run_id is None:
        return None
    try:
        scene_id = UUID(match[1])
    except ValueError:
        return None
    query = select(_T.c.manifest).where(
        _T.c.run_id == run_id, _T.c.scene_id == scene_id, _T.c.stage == "clip"
    )
    return (await conn.execute(query)).scalar()


async def served(
    request: Request, file: File, artifacts: ArtifactStore, *, download: bool
) -> Response:
    """The bytes that were asked for; 304, 206 and 416 as the headers say."""
    blob = file.blob
    if not await artifacts.has(blob):
        raise RefusedError("artifact_missing")
    etag = f'"{blob.path.split("/")[1].split(".")[0]}"'
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=0, must-revalidate",
        "Content-Disposition": _disposition(file.name, download=download),
        "X-Content-Type-Options": "nosniff",
    }
    if matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range")
    if wanted is not None and request.headers.get("if-range", etag) != etag:
        wanted = None
    span = span_of(wanted, blob.size)
    status = 200
    start, end = 0, blob.size
    if span is not None:
        status, (start, end) = 206, span
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{blob.size}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=blob.media_type)
    body = artifacts.stream(blob, start, end)
    return StreamingResponse(body, status, headers, blob.media_type)


def span_of(wanted: str | None, size: int) -> tuple[int, int] | None:
    """[start, end) of a single range; None for none or one that may be ignored; 416 outside the
    file.
    """
    match = _RANGE.fullmatch(wanted.strip()) if wanted else None
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        start, end = max(0, size - int(match[2])), size
    else:
        start = int(match[1])
        end = min(size, int(match[2]) + 1) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None
    if start >= size or start >= end:
        headers = {"Content-Range": f"bytes */{size}"}
        raise RefusedError("range_not_satisfiable", headers=headers)
    return start, end


def matches(condition: str | None, etag: str) -> bool:
    """Whether an If-None-Match names the tag (weak comparison); a bare one, as a stream's event id
    is, counts too.
    """
    if condition is None:
        return False
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in condition.split(",")}
    return "*" in tags or etag.strip('"') in tags


def _disposition(name: str, *, download: bool) -> str:
    kind = "attachment" if download else "inline"
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
