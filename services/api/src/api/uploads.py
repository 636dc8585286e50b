"""Users' own pictures and music: kept, listed, removed, and put into scripts and options."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.auth import User
from api.errors import RefusedError
from api.files import File
from api.idempotency import Answer
from api.projects import from_cursor, to_cursor
from api.views import CountView, View
from shared.artifacts.store import ArtifactStore
from shared.foreign.decoding import Decoded
from shared.foreign.sniffing import Kind
from shared.messages.manifest import Blob
from shared.store import collecting, tables
from shared.store.engine import autocommit

_U = tables.uploads


class UploadView(View):
    """``width`` and ``height`` of a picture, ``seconds`` of music; null for the other. ``path``:
    its bytes, as scripts and projects name them.
    """

    id: UUID
    name: str | None
    path: str
    kind: Kind
    media_type: str
    width: int | None
    height: int | None
    seconds: float | None
    created_at: datetime


class UploadPage(View):
    items: list[UploadView]
    next_cursor: str | None


def described(made: Decoded, name: str | None) -> dict[str, Any]:
    return {
        "kind": made.kind,
        "name": name or None,
        "width": made.width,
        "height": made.height,
        "seconds": made.seconds,
    }


async def add(
    engine: AsyncEngine,
    user: User,
    blob: Blob,
    artifacts: ArtifactStore,
    *,
    about: dict[str, Any],
) -> UploadView:
    """``blob`` lay there already, perhaps, and was about to be removed: then it is sent again."""
    query = _U.insert().values(id=uuid4(), user_id=user.id, blob=blob.model_dump(), **about)
    async with engine.begin() as conn:
        await collecting.sharing(conn)
        if not await artifacts.has(blob):
            raise RefusedError("artifacts_unavailable")
        return _view((await conn.execute(query.returning(_U))).mappings().one())


async def page(engine: AsyncEngine, user: User, *, limit: int, cursor: str | None) -> UploadPage:
    """Newest first."""
    query = (
        select(_U)
        .where(_U.c.user_id == user.id)
        .order_by(_U.c.created_at.desc(), _U.c.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.where(tuple_(_U.c.created_at, _U.c.id) < tuple_(*from_cursor(cursor)))
    async with autocommit(engine) as conn:
        rows = (await conn.execute(query)).mappings().all()
    last = rows[limit - 1] if len(rows) > limit else None
    return UploadPage(
        items=[_view(row) for row in rows[:limit]],
        next_cursor=to_cursor(last["created_at"], last["id"]) if last is not None else None,
    )


async def find(conn: AsyncConnection, user: User, upload_id: UUID) -> File:
    query = select(_U.c.kind, _U.c.blob).where(_U.c.id == upload_id, _U.c.user_id == user.id)
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise RefusedError("upload_not_found")
    blob = Blob.model_validate(row.blob)
    return File(blob=blob, name=f"{row.kind}.{blob.path.rsplit('.', 1)[-1]}")


async def delete(conn: AsyncConnection, user: User, upload_id: UUID) -> Answer:
    """Out of the list; scripts and videos that show it keep their bytes."""
    mine = _U.delete().where(_U.c.id == upload_id, _U.c.user_id == user.id)
    if not (await conn.execute(mine)).rowcount:
        raise RefusedError("upload_not_found")
    return Answer(status=200, body=CountView(count=1).wire())


def _view(row: Any) -> UploadView:
    blob = row["blob"]
    return UploadView(**row, media_type=blob["media_type"], path=blob["path"])
