"""Hand-overs that are owed, kept until they are settled."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from notifier.webhook import Outcome
from shared.messages.manifest import Manifest
from shared.messages.milestones import AnyMilestone, VideoReady
from shared.store.engine import autocommit
from shared.store.tables import deliveries, tasks

LEASE_S: Final = 900
_D = deliveries.c
_DUE = (
    select(_D.id)
    .where(_D.outcome.is_(None), _D.next_at <= func.now())
    .order_by(_D.next_at)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """``attempts`` counts the one that is being made."""

    id: UUID
    milestone: VideoReady
    attempts: int


def owed(milestone: AnyMilestone) -> dict[str, Any] | None:
    """The row of what a milestone makes us owe; its id is the milestone's."""
    if not isinstance(milestone, VideoReady):
        return None
    meta = milestone.meta
    return {
        "id": meta.message_id,
        "project_id": meta.project_id,
        "run_id": meta.run_id,
        "milestone": milestone.model_dump(mode="json"),
    }


class Deliveries:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def claim(self) -> Delivery | None:
        """The next one that is due, for this process alone until the lease is over."""
        query = (
            update(deliveries)
            .where(_D.id == _DUE)
            .values(attempts=_D.attempts + 1, next_at=_in(LEASE_S))
            .returning(_D.id, _D.milestone, _D.attempts)
        )
        async with self._engine.begin() as conn:
            row = (await conn.execute(query)).mappings().one_or_none()
        if row is None:
            return None
        milestone = VideoReady.model_validate(row["milestone"])
        return Delivery(id=row["id"], milestone=milestone, attempts=row["attempts"])

    async def manifest(self, run_id: UUID) -> Manifest | None:
        """What the run's video consists of; None when the project is gone."""
        query = select(tasks.c.manifest).where(
            tasks.c.run_id == run_id, tasks.c.stage == "assembly"
        )
        async with autocommit(self._engine) as conn:
            found = (await conn.execute(query)).scalar()
        return None if found is None else Manifest.model_validate(found)

    async def settle(self, delivery: Delivery, outcome: Outcome, detail: str) -> None:
        await self._write(delivery, outcome=outcome, detail=detail, settled_at=func.now())

    async def postpone(self, delivery: Delivery, seconds: float, detail: str) -> None:
        await self._write(delivery, next_at=_in(seconds), detail=detail)

    async def _write(self, delivery: Delivery, **values: Any) -> None:
        """Nothing where another process took it up after our lease."""
        query = (
            update(deliveries)
            .where(_D.id == delivery.id, _D.attempts == delivery.attempts, _D.outcome.is_(None))
            .values(**values)
        )
        async with self._engine.begin() as conn:
            await conn.execute(query)


def _in(seconds: float) -> Any:
    return func.now() + timedelta(seconds=seconds)
