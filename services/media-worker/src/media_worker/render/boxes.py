"""Boxes in pixels: what a layout is made of."""

from dataclasses import dataclass
from typing import Literal

from media_worker.render.fonts import Fitted, Weight, fit

Role = Literal["heading", "rule", "text", "panel", "badge", "bar", "link", "accent"]
Align = Literal["center", "left", "right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """``x0, y0, x1, y1`` in pixels. ``text`` boxes hold fitted text; the others are shapes behind
    them.
    """

    role: Role
    x0: float
    y0: float
    x1: float
    y1: float
    text: Fitted | None = None
    weight: Weight = "Regular"
    align: Align = "center"
    accent: bool = False

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    def rows(self, count: int, gap: float) -> list["Area"]:
        tall = (self.height - gap * (count - 1)) / count
        return [
            Area(
                x0=self.x0,
                x1=self.x1,
                y0=self.y0 + i * (tall + gap),
                y1=self.y0 + i * (tall + gap) + tall,
            )
            for i in range(count)
        ]

    def columns(self, count: int, gap: float) -> list["Area"]:
        wide = (self.width - gap * (count - 1)) / count
        return [
            Area(
                x0=self.x0 + i * (wide + gap),
                x1=self.x0 + i * (wide + gap) + wide,
                y0=self.y0,
                y1=self.y1,
            )
            for i in range(count)
        ]

    def inset(self, across: float, down: float) -> "Area":
        return Area(x0=self.x0 + across, x1=self.x1 - across, y0=self.y0 + down, y1=self.y1 - down)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The size of the picture; ``unit`` is its shorter side, which all sizes are shares of."""

    width: int
    height: int

    @property
    def unit(self) -> int:
        return min(self.width, self.height)

    @property
    def tall(self) -> bool:
        return self.height > self.width

    def size(self, smallest: float, largest: float) -> tuple[int, int]:
        return max(8, round(self.unit * smallest)), max(9, round(self.unit * largest))


def text_box(  # noqa: PLR0913  (what a box of text is made of)
    text: str,
    area: Area,
    sizes: tuple[int, int],
    *,
    weight: Weight = "Regular",
    align: Align = "center",
    accent: bool = False,
    most: int = 99,
) -> Box:
    fitted = fit(text, area.width, area.height, sizes, weight, most=most)
    return Box(
        role="text",
        x0=area.x0,
        y0=area.y0,
        x1=area.x1,
        y1=area.y1,
        text=fitted,
        weight=weight,
        align=align,
        accent=accent,
    )


def shape_box(role: Role, area: Area, *, accent: bool = False) -> Box:
    return Box(role=role, x0=area.x0, y0=area.y0, x1=area.x1, y1=area.y1, accent=accent)


def rule_box(area: Area, y: float, frame: Frame) -> Box:
    middle, half = (area.x0 + area.x1) / 2, frame.unit * 0.055
    thick = max(3.0, frame.unit * 0.009)
    return shape_box(
        "rule", Area(x0=middle - half, x1=middle + half, y0=y, y1=y + thick), accent=True
    )
