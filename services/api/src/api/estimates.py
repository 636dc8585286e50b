"""How long still, and how many before me: learned from what was done, never promised."""

import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, floor
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.following_views import EtaView
from shared.messages.base import Stage
from shared.progress import Piece
from shared.state import TaskState

QUEUE_S: Final = 2.0
TIMINGS_S: Final = 30.0
FEWEST: Final = 5
_MOST_PACES: Final = 4_096
_ENGINES_OF: Final[dict[Stage, tuple[str, ...]]] = {
    "script": ("writer",),
    "voice": ("voice",),
    "visual": ("image", "footage"),  # their weights are far apart, and only near ones count
    "clip": ("renderer",),
    "assembly": ("renderer",),
}

_TIMINGS: Final = text("""
    SELECT k.stage, k.engine, t.weight, t.work_ms
    FROM (SELECT DISTINCT stage, engine FROM stage_timings
          WHERE id > (SELECT coalesce(max(id), 0) - 20000 FROM stage_timings)) AS k
    CROSS JOIN LATERAL (
        SELECT weight, work_ms FROM stage_timings s
        WHERE s.stage = k.stage AND s.engine = k.engine ORDER BY id DESC LIMIT 300
    ) AS t
""")
_QUEUE: Final = text("""
    SELECT t.stage, r.opened_at, count(*) AS waiting
    FROM tasks t JOIN runs r ON r.id = t.run_id
    WHERE t.state = 'dispatched' AND r.state = 'active'
    GROUP BY t.stage, r.opened_at ORDER BY r.opened_at
""")

Made = Mapping[tuple[str, str], Sequence[tuple[float, float]]]
"""(stage, engine) → (size, seconds of work) of what was made lately; sizes as tasks weigh."""

Paces = tuple[float, float]


class Timings:
    """What was made lately, and the paces that follow from it; never changed, so each is worked out
    once.
    """

    def __init__(self, made: Made | None = None) -> None:
        self.made: Made = made or {}
        self._known: dict[tuple[Stage, tuple[str, ...], float], Paces | None] = {}

    def paces(self, stage: Stage, engines: tuple[str, ...], weight: float) -> Paces | None:
        """Seconds per unit of weight, median and 90th percentile, of tasks of about that size where
        there are enough; None where the stage was seen too rarely.
        """
        asked = (stage, engines, weight)
        if asked not in self._known:
            if len(self._known) >= _MOST_PACES:
                self._known.clear()
            self._known[asked] = self._worked_out(stage, engines, weight)
        return self._known[asked]

    def _worked_out(self, stage: Stage, engines: tuple[str, ...], weight: float) -> Paces | None:
        seen = [timing for engine in engines for timing in self.made.get((stage, engine), ())]
        if len(seen) < FEWEST:
            return None
        near = [seconds / size for size, seconds in seen if weight / 2 <= size <= weight * 2]
        paces = sorted(near if len(near) >= FEWEST else [s / w for w, s in seen if w > 0])
        return paces[len(paces) // 2], paces[min(len(paces) - 1, len(paces) * 9 // 10)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A stage's sent but unstarted tasks: ``before[i]`` of them belong to runs that opened before
    ``opened[i]``.
    """

    opened: tuple[datetime, ...] = ()
    before: tuple[int, ...] = ()


@dataclass(slots=True)
class Estimates:
    """One process's view: the queue at most two seconds old, the timings half a minute."""

    timings: Timings = field(default_factory=Timings)
    queue: Mapping[str, Waiting] = field(default_factory=dict[str, Waiting])
    _read_at: dict[str, float] = field(default_factory=dict[str, float])

    async def refresh(self, conn: AsyncConnection) -> None:
        """Reads again what has grown old."""
        if self._due("timings", TIMINGS_S):
            found: dict[tuple[str, str], list[tuple[float, float]]] = {}
            for row in (await conn.execute(_TIMINGS)).mappings():
                seconds = row["work_ms"] / 1000
                found.setdefault((row["stage"], row["engine"]), []).append((row["weight"], seconds))
            if found != self.timings.made:  # the same object as long as nothing was learned
                self.timings = Timings(found)
        if self._due("queue", QUEUE_S):
            self.queue = queue_of((await conn.execute(_QUEUE)).mappings())

    def _due(self, what: str, seconds: float) -> bool:
        now = time.monotonic()
        if now - self._read_at.get(what, -seconds) < seconds:
            return False
        self._read_at[what] = now
        return True


def queue_of(rows: Iterable[Any]) -> dict[str, Waiting]:
    """The waiting tasks by stage, from rows in the order of their runs' opening."""
    opened: dict[str, list[datetime]] = {}
    before: dict[str, list[int]] = {}
    total: dict[str, int] = {}
    for row in rows:
        stage = row["stage"]
        opened.setdefault(stage, []).append(row["opened_at"])
        before.setdefault(stage, []).append(total.get(stage, 0))
        total[stage] = total.get(stage, 0) + row["waiting"]
    return {
        stage: Waiting(opened=tuple(opened[stage]), before=tuple(before[stage])) for stage in opened
    }


def ahead_of(
    tasks: Sequence[Piece], opened_at: datetime, queue: Mapping[str, Waiting]
) -> int | None:
    """How many tasks of earlier runs wait before a run's own; None when it does not wait."""
    sent = [task for task in tasks if task.state is TaskState.DISPATCHED]
    if not sent or any(task.state is TaskState.RUNNING for task in tasks):
        return None
    waiting = queue.get(sent[0].stage, Waiting())
    place = bisect_left(waiting.opened, opened_at)
    return waiting.before[place] if place < len(waiting.before) else 0


def eta(tasks: Sequence[Piece], engines: Mapping[str, str], timings: Timings) -> EtaView | None:
    """Seconds of work still to come, from usual (p50) to slow (p90), at the pace of as many workers
    as the run has now; waiting in queues not counted. None where a stage was seen too rarely.
    """
    low = high = 0.0
    for stage, makers in _ENGINES_OF.items():
        own = [task for task in tasks if task.stage == stage and task.state is not TaskState.DONE]
        named = tuple(engines.get(maker, "") for maker in makers)
        workers = max(1, sum(task.state is TaskState.RUNNING for task in own))
        for task in own:
            paces = timings.paces(stage, named, task.weight)
            if paces is None:
                return None
            left = task.weight * (1 - task.percent / 100) / workers
            low += paces[0] * left
            high += paces[1] * left
    return EtaView(low=floor(low), high=max(1, ceil(high)))
