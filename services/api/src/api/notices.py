"""The notices that the notifier keeps, for their user alone."""

from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.auth import User
from api.errors import RefusedError
from api.idempotency import Answer
from api.projects import from_cursor, to_cursor
from api.views import NoticePage, NoticeView
from shared.store import tables
from shared.store.engine import autocommit

_N = tables.notices


async def page(engine: AsyncEngine, user: User, *, limit: int, cursor: str | None) -> NoticePage:
    """Newest first."""
    query = (
        select(_N)
        .where(_N.c.user_id == user.id)
        .order_by(_N.c.created_at.desc(), _N.c.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.where(tuple_(_N.c.created_at, _N.c.id) < tuple_(*from_cursor(cursor)))
    async with autocommit(engine) as conn:
        rows = (await conn.execute(query)).mappings().all()
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return NoticePage(
        items=[NoticeView(**row) for row in rows[:limit]],
        next_cursor=to_cursor(last["created_at"], last["id"]) if last is not None else None,
    )


async def mark_read(conn: AsyncConnection, user: User, notice_id: UUID) -> Answer:
    """Read is read: the first time stays."""
    done = await conn.execute(
        _N.update()
        .where(_N.c.id == notice_id, _N.c.user_id == user.id)
        .values(read_at=func.coalesce(_N.c.read_at, func.now()))
        .returning(_N)
    )
    row = done.mappings().one_or_none()
    if row is None:
        raise RefusedError("notice_not_found")
    return Answer(status=200, body=NoticeView(**row).wire())
