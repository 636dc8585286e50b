"""Notices kept in the notifier's own schema."""

from dataclasses import asdict

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from notifier.notice import Notice
from shared.store.tables import notices


class NoticeStore:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, notice: Notice) -> bool:
        """Keeps the notice; False when it was there already."""
        statement = insert(notices).values(asdict(notice)).on_conflict_do_nothing()
        async with self._engine.begin() as conn:
            return (await conn.execute(statement)).rowcount == 1
