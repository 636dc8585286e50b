"""Noto Sans CJK out of its package, and text fitted into boxes."""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

from PIL import ImageFont

Weight = Literal["Regular", "Bold"]
_SIMPLIFIED: Final = 2
_WEIGHTS: Final[dict[Weight, int]] = {"Regular": 400, "Bold": 800}
LINE: Final = 1.32  # distance of lines, in font sizes
_NO_START: Final = "，。！？；：、,.!?;:…”’」』）)％%"
_NO_END: Final = "“‘「『（("
_UNITS: Final = re.compile(r"[A-Za-z0-9'’.,%\-+&/@_]+\s*|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Text as it fits: its lines, the font size in pixels, and whether something had to be left
    out.
    """

    lines: tuple[str, ...]
    size: int
    shortened: bool = False

    @property
    def height(self) -> float:
        return self.size * LINE * len(self.lines)


@lru_cache(maxsize=256)
def font(size: int, weight: Weight = "Regular") -> ImageFont.FreeTypeFont:
    """The simplified Chinese face of the collection, at one of two weights of its variable axis."""
    found = ImageFont.truetype(str(_file()), size, index=_SIMPLIFIED)
    found.set_variation_by_axes([_WEIGHTS[weight]])
    return found


def text_width(text: str, size: int, weight: Weight) -> float:
    return font(size, weight).getlength(text)


def fit(  # noqa: PLR0913  (a text, its box, its type)
    text: str,
    width: float,
    height: float,
    sizes: tuple[int, int],
    weight: Weight = "Regular",
    *,
    most: int = 99,
) -> Fitted:
    """The text at the largest size of ``sizes`` (smallest, largest) at which it fits the box in at
    most ``most`` lines, those about equally long; shortened only when no size does.
    """
    smallest, largest = sizes
    size = max(largest, smallest)
    while size > smallest:
        lines = wrapped(text, width, size, weight)
        if lines and len(lines) <= most and len(lines) * size * LINE <= height:
            return Fitted(lines=tuple(_balanced(lines, text, width, size, weight)), size=size)
        size = max(smallest, min(size - 1, int(size * 0.94)))
    lines = wrapped(text, width, smallest, weight, broken=True)
    most = min(most, max(1, int(height / (smallest * LINE))))
    if len(lines) <= most:
        return Fitted(lines=tuple(lines), size=smallest)
    last = lines[most - 1]
    while last and text_width(last + "…", smallest, weight) > width:
        last = last[:-1]
    return Fitted(lines=(*lines[: most - 1], last + "…"), size=smallest, shortened=True)


def wrapped(
    text: str, width: float, size: int, weight: Weight, *, broken: bool = False
) -> list[str]:
    """Lines no wider than ``width``; empty when a word is wider (unless ``broken`` allows to cut
    it).
    """
    lines, line = list[str](), ""
    units = _UNITS.findall(" ".join(text.split()))
    while units:
        unit = units.pop(0)
        if text_width((line + unit).rstrip(), size, weight) <= width:
            line += unit
            continue
        if not line.strip():
            if not broken:
                return []
            keep = max(1, _prefix(unit, width, size, weight))
            lines.append(unit[:keep])
            units[:0] = [unit[keep:]] if unit[keep:] else []
            continue
        while len(line) > 1 and (unit[0] in _NO_START or line[-1] in _NO_END):
            line, unit = line[:-1], line[-1] + unit
        lines.append(line.strip())
        line = ""
        units.insert(0, unit)
        if text_width(unit.rstrip(), size, weight) > width and not broken:
            return []
    return [*lines, line.strip()] if line.strip() else lines


def _balanced(lines: list[str], text: str, width: float, size: int, weight: Weight) -> list[str]:
    """The same number of lines in the narrowest box: no last line of one character."""
    narrow = width
    while len(lines) > 1 and narrow > size:
        narrow -= size / 2
        tighter = wrapped(text, narrow, size, weight)
        if len(tighter) != len(lines):
            break
        lines = tighter
    return lines


def _prefix(unit: str, width: float, size: int, weight: Weight) -> int:
    count = len(unit)
    while count > 1 and text_width(unit[:count], size, weight) > width:
        count -= 1
    return count


@lru_cache(maxsize=1)
def _file() -> Path:
    spec = find_spec("manimgx_fonts_cjk")
    for root in (spec.submodule_search_locations or ()) if spec else ():
        for file in sorted(Path(root).rglob("NotoSansCJK*.ttc")):
            return file
    raise FileNotFoundError("the font package manimgx-fonts-cjk is not installed")
