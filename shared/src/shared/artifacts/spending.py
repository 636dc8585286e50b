"""What the paid calls of one job came to, so that its failure can tell."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from shared.artifacts.calls import Charge

_HEAVIER: Final = (None, Charge.NO, Charge.UNKNOWN, Charge.YES)


@dataclass(slots=True)
class Spent:
    """``charge``: the weightiest of all calls, None before the first; ``cost``: their sum."""

    charge: Charge | None = None
    cost: dict[str, float] = field(default_factory=dict[str, float])

    def add(self, charge: Charge, cost: Mapping[str, float]) -> None:
        self.charge = max(self.charge, charge, key=_HEAVIER.index)
        for unit, amount in cost.items():
            self.cost[unit] = self.cost.get(unit, 0.0) + amount


_of_job: ContextVar[Spent | None] = ContextVar("spent", default=None)


def counted() -> Spent:
    """From here on the calls of this task, and of those that it starts, are counted in it."""
    spent = Spent()
    _of_job.set(spent)
    return spent


def count(charge: Charge, cost: Mapping[str, float]) -> None:
    """One call has ended so, here or where it was made first."""
    if (spent := _of_job.get()) is not None:
        spent.add(charge, cost)
