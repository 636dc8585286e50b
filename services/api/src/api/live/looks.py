"""What the hub asks the database: versions only, many projects in one statement."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.status import STALLED
from shared.store.engine import driver_of

State = tuple[int, bool]
"""A project's version, and whether its work is silent (which raises no version)."""

_STALLED: Final = """
    coalesce((
        SELECT true FROM tasks t WHERE t.run_id = p.current_run_id AND t.state = 'running'
            AND t.last_seen_at < now() - make_interval(secs => $2) LIMIT 1
    ), false) AS stalled
"""
_VERSIONS: Final = f"""
    SELECT p.id, p.version, {_STALLED} FROM video_projects p
    WHERE p.id = ANY($1) AND p.deleted_at IS NULL
"""  # noqa: S608
_NEWEST: Final = f"""
    SELECT p.id, p.version, {_STALLED} FROM video_projects p
    WHERE p.user_id = ANY($1) AND p.deleted_at IS NULL
        AND (p.status IN ('GENERATING_SCRIPT', 'GENERATING_AUDIO', 'GENERATING_VIDEO')
             OR p.touched_at > now() - interval '30 seconds')
"""  # noqa: S608
_UNFINISHED: Final = text("""
    SELECT id FROM video_projects WHERE user_id = :user AND deleted_at IS NULL
        AND status <> 'COMPLETED'
    ORDER BY touched_at DESC LIMIT 10
""")


async def versions_of(conn: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, State]:
    """Those of the projects that are still there."""
    return await _states(conn, _VERSIONS, ids) if ids else {}


async def newest_of_users(conn: AsyncConnection, users: Collection[str]) -> dict[UUID, State]:
    """What these users have in the making, or touched within half a minute."""
    return await _states(conn, _NEWEST, users) if users else {}


async def unfinished_of(conn: AsyncConnection, user_id: str) -> list[UUID]:
    """Where a page that watches everything of a user begins: ten projects, newest touched first."""
    return list((await conn.execute(_UNFINISHED, {"user": user_id})).scalars())


async def _states(
    conn: AsyncConnection, query: str, keys: Collection[UUID] | Collection[str]
) -> dict[UUID, State]:
    driver = await driver_of(conn)
    rows = await driver.fetch(query, list(keys), STALLED.total_seconds())
    return {row[0]: (row[1], row[2]) for row in rows}
