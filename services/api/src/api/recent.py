"""Statuses told lately, told again while nothing that they show has changed: building an answer
costs far more than asking the database whether it still holds.
"""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from api.estimates import Timings
from api.live.looks import State, versions_of
from api.status import StatusReader, Told


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    told: Told
    timings: Timings | None  # that its estimate is of


class RecentStatuses:
    """Reads as ``StatusReader`` does, and as fresh: what is kept is used only when the database
    says, in this very read, that the project's version and its silence are still the same.

    ``most_bytes`` bounds the bodies that are kept; who was asked for longest ago goes first.
    """

    def __init__(self, reader: StatusReader, *, most_bytes: int) -> None:
        self._reader = reader
        self._most = most_bytes
        self._kept: OrderedDict[UUID, _Kept] = OrderedDict()
        self._bytes = 0

    async def read(self, conn: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Told]:
        """Those of the projects that exist and are not deleted, whoever's they are."""
        await self._reader.estimates.refresh(conn)
        states = await versions_of(conn, ids)
        told = {p: kept for p, state in states.items() if (kept := self._good(p, state))}
        if missing := states.keys() - told.keys():
            fresh = await self._reader.read(conn, missing)
            for one in fresh.values():
                self._keep(one)
            told |= fresh
        return told

    def _good(self, project_id: UUID, state: State) -> Told | None:
        kept = self._kept.get(project_id)
        if kept is None or (kept.told.version, kept.told.stalled) != state:
            return None
        if kept.timings is not None and kept.timings is not self._reader.estimates.timings:
            return None
        self._kept.move_to_end(project_id)
        return kept.told

    def _keep(self, told: Told) -> None:
        if old := self._kept.pop(told.project_id, None):
            self._bytes -= len(old.told.body)
        if told.restless:
            return
        timings = self._reader.estimates.timings if told.active else None
        self._kept[told.project_id] = _Kept(told=told, timings=timings)
        self._bytes += len(told.body)
        while self._bytes > self._most:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= len(gone.told.body)
