"""What is kept no longer than promised: one pass an hour, in small bites, one process at a time."""

from typing import Final

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.store.engine import try_lock

LOCK: Final = 7305_2290_1167
BITE: Final = 1_000
_log = structlog.get_logger()

_OLD: Final[dict[str, str]] = {
    "idempotency_keys": "created_at < now() - interval '48 hours'",
    "asides": "asked_at < now() - interval '24 hours'",
    "tickets": "expires_at < now()",
    "outbox": "published_at < now() - interval '7 days'",
    "dead_letters": "received_at < now() - interval '90 days'",
    "project_events": """project_id IN (
        SELECT p.id FROM video_projects p
        WHERE p.touched_at < now() - interval '180 days'
            AND p.status NOT IN ('GENERATING_SCRIPT', 'GENERATING_AUDIO', 'GENERATING_VIDEO'))""",
    "unreferenced": "gone_at < now() - interval '1 day'",
    "stage_timings": "at < now() - interval '30 days'",
}
# A deleted project, seven days later: everything of it, children first.
_GONE: Final = """
    SELECT id FROM video_projects WHERE deleted_at < now() - interval '7 days'
    ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED
"""
_CHILDREN: Final = ("tasks", "runs", "project_events", "notifier.notices", "notifier.deliveries")


class Housekeeping:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def tidy(self) -> int:
        """Answers how many rows went. Each bite is a transaction of its own."""
        gone = 0
        for table, old in _OLD.items():
            while bite := await self._bite(table, old):
                gone += bite
        while bite := await self._projects():
            gone += bite
        if gone:
            _log.info("rows.removed", count=gone)
        return gone

    async def _bite(self, table: str, old: str) -> int:
        async with self._engine.begin() as conn:
            if not await try_lock(conn, LOCK):
                return 0
            query = f"""
                DELETE FROM {table} WHERE ctid = ANY(ARRAY(
                    SELECT ctid FROM {table} WHERE {old} LIMIT {BITE}))
            """  # noqa: S608  (constants of this module)
            return (await conn.execute(text(query))).rowcount

    async def _projects(self) -> int:
        async with self._engine.begin() as conn:
            if not await try_lock(conn, LOCK):
                return 0
            ids = list((await conn.execute(text(_GONE))).scalars())
            for table in _CHILDREN:
                query = f"DELETE FROM {table} WHERE project_id = ANY(:ids)"  # noqa: S608
                await conn.execute(text(query), {"ids": ids})
            await conn.execute(
                text("DELETE FROM video_projects WHERE id = ANY(:ids)"), {"ids": ids}
            )
            return len(ids)
