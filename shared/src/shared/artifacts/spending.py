"""What the paid calls of one job came to, so that its failure can tell."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from shared.artifacts.calls import Charge

_HEAVIER: Final = (None, Charge.NO, Charge.YES, Charge.UNKNOWN)


@dataclass(slots=True)
class Spent:
    """The calls by name: one that is found again, or made again, counts once."""

    calls: dict[str, tuple[Charge, Mapping[str, float]]] = field(
        default_factory=dict[str, tuple[Charge, Mapping[str, float]]]
    )

    @property
    def charge(self) -> Charge | None:
        """The weightiest; None before the first call."""
        return heaviest(*(charge for charge, _ in self.calls.values()))

    @property
    def cost(self) -> dict[str, float]:
        """The sum by unit."""
        total: dict[str, float] = {}
        for _, cost in self.calls.values():
            for unit, amount in cost.items():
                total[unit] = total.get(unit, 0.0) + amount
        return total


def heaviest(*charges: Charge | None) -> Charge | None:
    """What is to be told of several calls: one of which nobody knows whether it was charged, which
    only its user makes again; else one that was.
    """
    return max(charges, key=_HEAVIER.index, default=None)


_of_job: ContextVar[Spent | None] = ContextVar("spent", default=None)


def counted() -> Spent:
    """From here on the calls of this task, and of those that it starts, are counted in it."""
    spent = Spent()
    _of_job.set(spent)
    return spent


def count(name: str, charge: Charge, cost: Mapping[str, float] | None = None) -> None:
    """How the call stands, as far as is known now."""
    if (spent := _of_job.get()) is not None:
        spent.calls[name] = (charge, cost or {})
