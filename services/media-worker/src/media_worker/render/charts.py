"""Figures: one large number, bars, a line through points."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from media_worker.render.boxes import Area, Box, Page, shape, words
from media_worker.render.fitting import Fitted, fit, fit_all
from media_worker.render.fonts import text_width
from shared.messages.script import BarsCard, LineCard, NumberCard

_TICKS: Final = 3


def number(card: NumberCard, content: Area, page: Page) -> list[Box]:
    share = 0.64 if card.label else 0.9
    sizes = page.size(0.05, 0.30)
    value = fit(card.value, content.width, content.height * share, sizes, page.strong, most=1)
    figure = words(value, content, page.strong, align=page.align, tone="accent")
    below = content.moved(y0=figure.y1 + page.px(0.01))
    if not card.label.strip():
        return [figure]
    label = fit(card.label, below.width, below.height, page.size(0.030, 0.06), page.plain)
    return [figure, words(label, below, page.plain, align=page.align)]


def shown(value: float, unit: str) -> str:
    return f"{value:,.10g}{unit}"


def bars(card: BarsCard, content: Area, page: Page) -> list[Box]:
    """Names and figures beside their bars on a wide page, above them on the others."""
    most = max(bar.value for bar in card.bars) or 1.0
    shares = [bar.value / most for bar in card.bars]
    names = [bar.label for bar in card.bars]
    figures = [shown(bar.value, card.unit) for bar in card.bars]
    draw = _beside if page.frame.wide else _above
    return draw(names, figures, shares, content, page)


def _bar(share: float, track: Area, page: Page) -> list[Box]:
    length = max(page.px(0.014), track.width * share)
    tone = "accent" if share == 1 else "ink"
    return [shape("trough", track), shape("bar", replace(track, x1=track.x0 + length), tone)]


def _beside(
    names: Sequence[str], figures: Sequence[str], shares: Sequence[float], area: Area, page: Page
) -> list[Box]:
    gap, count = page.px(0.03), len(names)
    step = min(area.height / count, page.px(0.15))
    tall = step - page.px(0.016)
    sizes = page.size(0.021, 0.052)
    left = fit_all(names, area.width * 0.28, tall, sizes, page.plain, most=2)
    right = fit_all(figures, area.width * 0.24, tall, sizes, page.strong, most=1)
    name_wide, figure_wide = _widest(left, page, bold=False), _widest(right, page, bold=True)
    thick = min(tall * 0.66, page.px(0.07))
    boxes: list[Box] = []
    for index, share in enumerate(shares):
        row = replace(area, y0=area.y0 + index * step, y1=area.y0 + index * step + tall)
        name = replace(row, x1=row.x0 + name_wide)
        figure = replace(row, x0=row.x1 - figure_wide)
        middle = (row.y0 + row.y1) / 2
        track = Area(
            x0=name.x1 + gap, x1=figure.x0 - gap, y0=middle - thick / 2, y1=middle + thick / 2
        )
        boxes += _bar(share, track, page)
        boxes.append(words(left[index], name, page.plain, align="right", tall=tall))
        boxes.append(words(right[index], figure, page.strong, align="left", tall=tall))
    return boxes


def _above(
    names: Sequence[str], figures: Sequence[str], shares: Sequence[float], area: Area, page: Page
) -> list[Box]:
    count = len(names)
    step = min(area.height / count, page.px(0.18))
    thick = min(step * 0.27, page.px(0.055))
    tall = step - thick - min(page.px(0.034), step * 0.2)
    sizes = page.size(0.020, 0.052)
    right = fit_all(figures, area.width * 0.4, tall, sizes, page.strong, most=1)
    figure_wide = _widest(right, page, bold=True)
    name_wide = area.width - figure_wide - page.px(0.03)
    left = fit_all(names, name_wide, tall, sizes, page.plain, most=2)
    boxes: list[Box] = []
    for index, share in enumerate(shares):
        top = area.y0 + index * step
        row = replace(area, y0=top, y1=top + tall)
        low = top + tall + page.px(0.002)
        track = Area(x0=area.x0, x1=area.x1, y0=low, y1=low + thick)
        boxes += _bar(share, track, page)
        name = replace(row, x1=row.x0 + name_wide)
        figure = replace(row, x0=row.x1 - figure_wide)
        boxes.append(words(left[index], name, page.plain, align="left", tall=tall))
        boxes.append(words(right[index], figure, page.strong, align="right", tall=tall))
    return boxes


def _widest(texts: Sequence[Fitted], page: Page, *, bold: bool) -> float:
    letters = page.strong if bold else page.plain
    found = [text_width(line, text.size, letters) for text in texts for line in text.lines]
    return max(found, default=0.0) + 1


def line(card: LineCard, content: Area, page: Page) -> list[Box]:
    """A line through points in columns of their own; figures and names where they have room."""
    value_tall, name_tall = page.px(0.075), page.px(0.07)
    area = Area(
        x0=content.x0,
        x1=content.x1,
        y0=content.y0 + value_tall,
        y1=min(content.y1 - name_tall, content.y0 + value_tall + page.px(0.55)),
    )
    values = [point.value for point in card.points]
    plot = _Plot(area=area, points=_placed(values, area, value_tall), page=page)
    chosen, named = plot.spoken(values), plot.named()
    box = Box(
        role="line",
        x0=area.x0,
        y0=area.y0,
        x1=area.x1,
        y1=area.y1,
        points=plot.points,
        tone="accent",
    )
    figures = {n: shown(values[n], card.unit) for n in chosen}
    names = {n: card.points[n].label for n in named}
    tops = {n: plot.figure_top(n, value_tall) for n in chosen}
    below = dict.fromkeys(named, area.y1 + page.px(0.012))
    return [
        *plot.axes(),
        box,
        *plot.dots(chosen),
        *plot.texts(figures, tops, value_tall * 0.8, figures=True),
        *plot.texts(names, below, name_tall * 0.8, figures=False),
    ]


def _placed(values: Sequence[float], plot: Area, room: float) -> tuple[tuple[float, float], ...]:
    """Points in the middle of their columns; from zero where that still shows the differences,
    else with ``room`` for a figure below the lowest.
    """
    low, high = min(values), max(values)
    if 0 <= low < high * 0.6:
        low = 0.0
    span, wide = high - low, plot.width / len(values)
    floor = room if low else 0.0
    shares = [(value - low) / span if span else 0.5 for value in values]
    return tuple(
        (plot.x0 + wide * (n + 0.5), plot.y1 - floor - (plot.height - floor) * share)
        for n, share in enumerate(shares)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    area: Area
    points: tuple[tuple[float, float], ...]
    page: Page

    @property
    def column(self) -> float:
        return self.area.width / len(self.points)

    def axes(self) -> list[Box]:
        thick = max(1.0, self.page.px(0.0022))
        heights = [self.area.y0 + self.area.height * n / _TICKS for n in range(_TICKS + 1)]
        return [shape("axis", replace(self.area, y0=y, y1=y + thick)) for y in heights]

    def dots(self, indices: Sequence[int]) -> list[Box]:
        dot = self.page.px(0.012)
        return [
            shape("dot", Area(x0=x - dot, x1=x + dot, y0=y - dot, y1=y + dot), "accent")
            for x, y in (self.points[index] for index in indices)
        ]

    def figure_top(self, index: int, tall: float) -> float:
        """Over its point; below it where the line rises to both sides and there is room."""
        y = self.points[index][1]
        beside = [*self.points[max(0, index - 1) : index], *self.points[index + 1 : index + 2]]
        low = y + self.page.px(0.014)
        valley = all(other < y for _, other in beside)
        return low if valley and low + tall * 0.8 <= self.area.y1 else y - tall

    def need(self, share: float) -> int:
        """How many columns a text of this share of the page needs."""
        return max(1, math.ceil(self.page.px(share) / self.column))

    def spoken(self, values: Sequence[float]) -> list[int]:
        """Whose figures are shown: all where there is room, else the highest, the ends, the
        lowest.
        """
        need = self.need(0.15)
        if need == 1:
            return list(range(len(values)))
        kept: list[int] = []
        for index in (values.index(max(values)), len(values) - 1, 0, values.index(min(values))):
            if all(abs(index - other) >= 1.5 * need for other in kept):
                kept.append(index)
        return sorted(kept)

    def named(self) -> list[int]:
        """Whose names are shown: evenly, the last among them."""
        return sorted(range(len(self.points) - 1, -1, -self.need(0.14)))

    def texts(
        self, texts: dict[int, str], tops: dict[int, float], tall: float, *, figures: bool
    ) -> list[Box]:
        """Texts at their points, inside the plot's width, clear of one another."""
        near = min((b - a for a, b in itertools.pairwise(texts)), default=len(self.points))
        wide = self.column if near == 1 else self.column * (near + 0.5) / 1.5
        wide = min(self.area.width, wide)
        letters = self.page.strong if figures else self.page.plain
        sizes = self.page.size(0.018, 0.046)
        fitted = fit_all(list(texts.values()), wide * 0.94, tall, sizes, letters, most=1)
        boxes: list[Box] = []
        for index, text in zip(texts, fitted, strict=True):
            if text.lines:
                own = text_width(text.lines[0], text.size, letters) + 1
                left = min(max(self.points[index][0] - own / 2, self.area.x0), self.area.x1 - own)
                top = tops[index]
                area = Area(x0=left, x1=left + own, y0=top, y1=top + tall)
                boxes.append(replace(words(text, area, letters, tall=tall), halo=figures))
        return boxes
