"""Boxes in pixels: what a layout is made of, and the page that they stand on."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from media_worker.render.fitting import Fitted, Sizes
from media_worker.render.fonts import PLAIN, Face, Letters

Role = Literal[
    "text",
    "panel",
    "row",
    "badge",
    "dot",
    "bar",
    "trough",
    "link",
    "rule",
    "mark",
    "axis",
    "line",
    "picture",
]
Align = Literal["center", "left", "right"]
Tone = Literal["ink", "soft", "accent", "on_accent"]


def even(value: float) -> int:
    """The nearest even number: chroma has half the pixels."""
    return round(value / 2) * 2


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

    def columns(self, count: int, gap: float) -> list["Area"]:
        wide = (self.width - gap * (count - 1)) / count
        left = [self.x0 + i * (wide + gap) for i in range(count)]
        return [Area(x0=x, x1=x + wide, y0=self.y0, y1=self.y1) for x in left]

    def inset(self, across: float, down: float) -> "Area":
        return Area(x0=self.x0 + across, x1=self.x1 - across, y0=self.y0 + down, y1=self.y1 - down)

    def moved(self, *, x0: float | None = None, y0: float | None = None) -> "Area":
        """The same area with its left or upper edge elsewhere."""
        return replace(self, x0=self.x0 if x0 is None else x0, y0=self.y0 if y0 is None else y0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """``text`` boxes hold fitted text; the others are shapes behind them. ``points`` are those of
    a ``line``. ``halo``: the text may lie on a line, so it has an edge in the ground's colour.
    """

    role: Role
    x0: float
    y0: float
    x1: float
    y1: float
    text: Fitted | None = None
    letters: Letters = PLAIN
    align: Align = "center"
    tone: Tone = "ink"
    points: tuple[tuple[float, float], ...] = ()
    halo: bool = False

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    def lowered(self, by: float) -> "Box":
        points = tuple((x, y + by) for x, y in self.points)
        return replace(self, y0=self.y0 + by, y1=self.y1 + by, points=points)


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

    @property
    def wide(self) -> bool:
        return self.width > self.height

    def size(self, smallest: float, largest: float) -> Sizes:
        return max(8, round(self.unit * smallest)), max(9, round(self.unit * largest))


# Where a card stands: left and right margin of the width, top and bottom of the height. Upright
# videos keep clear of what phone apps lay over them (docs/look.md).
_TALL: Final = (0.13, 0.15, 0.635)
_SQUARE: Final = (0.10, 0.09, 0.70)
_WIDE: Final = (0.11, 0.095, 0.70)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A frame, and how a theme sets text in it. ``heading`` is the largest heading, ``rule`` the
    width and height of the stroke below it, all in shares of the frame's unit.
    """

    frame: Frame
    face: Face = "sans"
    align: Literal["center", "left"] = "center"
    heading: float = 0.092
    rule: tuple[float, float] = (0.11, 0.009)

    @property
    def whole(self) -> Area:
        width, height = self.frame.width, self.frame.height
        side, top, bottom = _TALL if self.frame.tall else _WIDE if self.frame.wide else _SQUARE
        return Area(x0=width * side, x1=width * (1 - side), y0=height * top, y1=height * bottom)

    @property
    def plain(self) -> Letters:
        return Letters(self.face)

    @property
    def strong(self) -> Letters:
        return Letters(self.face, "Bold")

    def px(self, share: float) -> float:
        return self.frame.unit * share

    def size(self, smallest: float, largest: float) -> Sizes:
        return self.frame.size(smallest, largest)


def shape(role: Role, area: Area, tone: Tone = "ink") -> Box:
    return Box(role=role, x0=area.x0, y0=area.y0, x1=area.x1, y1=area.y1, tone=tone)


def words(  # noqa: PLR0913  (a text, its place, its type)
    fitted: Fitted,
    area: Area,
    letters: Letters,
    *,
    align: Align = "center",
    tone: Tone = "ink",
    tall: float | None = None,
) -> Box:
    """Fitted text from the area's upper edge on, in a box as high as it is (or ``tall``)."""
    return Box(
        role="text",
        x0=area.x0,
        x1=area.x1,
        y0=area.y0,
        y1=area.y0 + (fitted.height if tall is None else tall),
        text=fitted,
        letters=letters,
        align=align,
        tone=tone,
    )
