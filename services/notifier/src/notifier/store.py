"""Notices, and the hand-overs that they bring, kept in the notifier's own schema."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from notifier.notice import Notice
from shared.store.engine import autocommit
from shared.store.tables import deliveries, notices


class NoticeStore:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def reachable(self) -> bool:
        """Whether the database answers."""
        async with autocommit(self._engine) as conn:
            return (await conn.execute(text("SELECT 1"))).scalar() == 1

    async def add(self, notice: Notice, owed: dict[str, Any] | None = None) -> bool:
        """Keeps the notice and, in the same transaction, what is ``owed`` by it; False when the
        notice was there already.
        """
        statement = insert(notices).values(asdict(notice)).on_conflict_do_nothing()
        async with self._engine.begin() as conn:
            if owed is not None:
                await conn.execute(insert(deliveries).values(owed).on_conflict_do_nothing())
            return (await conn.execute(statement)).rowcount == 1
