"""The Noto fonts out of their packages: every character in a face that has it, right to left where
it must be.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal

from PIL import ImageDraw, ImageFont

from media_worker.render.bidi import levels, reordered

Weight = Literal["Regular", "Bold"]
Face = Literal["sans", "serif"]
_WEIGHTS: Final[dict[Weight, int]] = {"Regular": 400, "Bold": 800}
_SIMPLIFIED: Final = 2
# The serif has one weight: its bold is drawn with a stroke of this share of the size.
_SERIF_BOLD: Final = 0.018
# From the middle of a line of letters to their baseline, in font sizes.
BASELINE: Final = 0.37
_PROBE: Final = 24
_WIDE: Final = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_JOINS: Final = "\u200c\u200d\ufe0e\ufe0f"


@dataclass(frozen=True, slots=True)
class Letters:
    """How text is set."""

    face: Face = "sans"
    weight: Weight = "Regular"


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch of one font and one direction; ``narrow``: quotation marks as in Latin text, where
    the Chinese faces would make them as wide as an ideograph.
    """

    text: str
    file: int
    rtl: bool
    narrow: bool

    @property
    def shaping(self) -> dict[str, Any]:
        features = ["pwid"] if self.narrow else None
        return {"direction": "rtl" if self.rtl else "ltr", "features": features}


@lru_cache(maxsize=16384)
def text_width(text: str, size: int, letters: Letters) -> float:
    return sum(_length(run, size, letters) for run in _runs(text, letters.face))


PLAIN: Final = Letters()


def draw_text(  # noqa: PLR0913  (a text, its place, its type)
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    size: int,
    letters: Letters,
    *,
    fill: tuple[int, ...] | int,
    stroke: float = 0,
) -> None:
    """``at``: where the text begins, and the height of its letters' middle; ``stroke`` makes them
    fatter.
    """
    x, middle = at
    if letters == Letters("serif", "Bold"):
        stroke += size * _SERIF_BOLD
    for run in _runs(text, letters.face):
        draw.text(
            (x, middle + size * BASELINE),
            run.text,
            font=_font(run.file, size, letters.weight),
            fill=fill,
            anchor="ls",
            stroke_width=stroke,
            **run.shaping,
        )
        x += _length(run, size, letters)


def _length(run: _Run, size: int, letters: Letters) -> float:
    return _font(run.file, size, letters.weight).getlength(run.text, **run.shaping)


@lru_cache(maxsize=8192)
def _runs(text: str, face: Face) -> tuple[_Run, ...]:
    """In the order in which they stand on the line."""
    text = "".join(letter for letter in text if _drawn(letter))
    narrow = _WIDE.search(text) is None
    places, before = list[tuple[int, int]](), -1
    for letter, level in zip(text, levels(text), strict=True):
        before = _file_of(letter, face, before)
        places.append((before, level))
    found, order, at = list[_Run](), list[int](), 0
    for (file, level), group in groupby(places):
        count = sum(1 for _ in group)
        piece = text[at : at + count]
        found.append(_Run(piece, file, rtl=level % 2 == 1, narrow=narrow))
        order.append(level)
        at += count
    return tuple(reordered(found, order))


def _drawn(letter: str) -> bool:
    return letter in _JOINS or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co"}


def _file_of(letter: str, face: Face, before: int) -> int:
    """The font for a letter; marks and what has no direction stay with the letter before."""
    joined = letter in _JOINS or unicodedata.category(letter).startswith("M")
    neutral = joined or unicodedata.bidirectional(letter) in {"ON", "CS", "ES", "ET", "EN"}
    if before > 1 and neutral and (joined or _covers(before, letter)):
        return before
    if before >= 0 and joined:
        return before
    first = 1 if face == "serif" else 0
    if _covers(first, letter):
        return first
    return next((n for n in range(len(_files())) if _covers(n, letter)), first)


@lru_cache(maxsize=16384)
def _covers(file: int, letter: str) -> bool:
    shown = _glyph(file, letter)
    return shown != _missing(file) and (bool(shown[1]) or letter.isspace())


@lru_cache(maxsize=64)
def _missing(file: int) -> tuple[tuple[int, int], bytes]:
    """What the font shows for a character that it has not."""
    return _glyph(file, "\U0010fffe")


def _glyph(file: int, letter: str) -> tuple[tuple[int, int], bytes]:
    mask: Any = _font(file, _PROBE, "Regular").getmask(letter)
    return mask.size, bytes(mask)


@lru_cache(maxsize=512)
def _font(file: int, size: int, weight: Weight) -> ImageFont.FreeTypeFont:
    path = _files()[file]
    found = ImageFont.truetype(str(path), size, index=_SIMPLIFIED if path.suffix == ".ttc" else 0)
    if file != 1:
        heaviest = max(axis["maximum"] or 400 for axis in found.get_variation_axes())
        found.set_variation_by_axes([min(_WEIGHTS[weight], heaviest)])
    return found


@lru_cache(maxsize=1)
def _files() -> tuple[Path, ...]:
    """Sans, serif, then what they lack: Latin with all its accents, emoji, other scripts."""
    others = [file for file in _package("manimgx_fonts", "*.ttf") if "Italic" not in file.name]
    first = {"NotoSans[wght].ttf": 0, "NotoEmoji[wght].ttf": 1}
    return (
        _package("manimgx_fonts_cjk", "NotoSansCJK*.ttc")[0],
        _package("pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf")[0],
        *sorted(others, key=lambda file: (first.get(file.name, 2), file.name)),
    )


def _package(name: str, pattern: str) -> list[Path]:
    spec = find_spec(name)
    roots = (spec.submodule_search_locations or ()) if spec else ()
    found = [file for root in roots for file in sorted(Path(root).glob(pattern))]
    if not found:
        raise FileNotFoundError(f"the font package {name.replace('_', '-')} is not installed")
    return found
