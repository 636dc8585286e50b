"""Things measured in turn (A B A B …), and what their figures say: medians, spread, ratios of the
same round.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

Figures = Mapping[str, float]
Contender = Callable[[], Awaitable[Figures]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What one contender showed, a figure a metric and round."""

    name: str
    rounds: Sequence[Figures]

    def median(self, metric: str) -> float | None:
        """None where it has no such figure."""
        found = [figures[metric] for figures in self.rounds if metric in figures]
        return median(found) if found else None

    def spread(self, metric: str) -> tuple[float, float]:
        found = [figures[metric] for figures in self.rounds if metric in figures]
        return min(found), max(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A ratio between two contenders, and what it should be; without ``against`` the figure itself.
    ``above``: whether more is better.
    """

    text: str
    metric: str
    of: str
    against: str | None = None
    bar: float | None = None
    aim: float | None = None
    above: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Ratios of the same round: the median of them, the least and the greatest."""

    claim: Claim
    median: float
    low: float
    high: float

    @property
    def holds(self) -> bool | None:
        """Whether the median meets the bar; None without one."""
        bar = self.claim.bar
        if bar is None:
            return None
        return self.median >= bar if self.claim.above else self.median <= bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a plot through medians: (x, name of the series, metric)."""

    name: str
    points: Sequence[tuple[float, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """How figures change with load or rows; ``x`` and ``y`` name the axes, both logarithmic."""

    title: str
    x: str
    y: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One benchmark's outcome. ``columns``: metric → heading with its unit."""

    id: str
    title: str
    columns: Mapping[str, str]
    series: Sequence[Series]
    claims: Sequence[Claim]
    curves: Sequence[Curve] = ()
    notes: Sequence[str] = ()
    about: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def ratios(self) -> list[Ratio]:
        named = {series.name: series for series in self.series}
        return [
            ratio_of(claim, named[claim.of], named[claim.against] if claim.against else None)
            for claim in self.claims
        ]


def ratio_of(claim: Claim, of: Series, against: Series | None) -> Ratio:
    if against is None:
        against = Series(name="1", rounds=[{claim.metric: 1.0}] * len(of.rounds))
    ratios = sorted(
        a[claim.metric] / b[claim.metric]
        for a, b in zip(of.rounds, against.rounds, strict=True)
        if claim.metric in a and b.get(claim.metric)
    )
    if not ratios:
        raise ValueError(f"{claim.of} and {claim.against} share no {claim.metric}")
    return Ratio(claim=claim, median=median(ratios), low=ratios[0], high=ratios[-1])


async def in_turn(
    contenders: Mapping[str, Contender],
    rounds: int,
    say: Callable[[str], None],
    *,
    backwards: bool = True,
) -> list[Series]:
    """Every contender once, then again, ``rounds`` times; every other round ``backwards``, so that
    none always runs on what another one left behind.
    """
    found: dict[str, list[Figures]] = {name: [] for name in contenders}
    for number in range(rounds):
        order = list(contenders)
        if backwards and number % 2:
            order.reverse()
        for name in order:
            figures = await contenders[name]()
            found[name].append(figures)
            shown = "  ".join(f"{metric} {value:,.4g}" for metric, value in figures.items())
            say(f"  round {number + 1}/{rounds}  {name:<28} {shown}")
    return [Series(name=name, rounds=figures) for name, figures in found.items()]
