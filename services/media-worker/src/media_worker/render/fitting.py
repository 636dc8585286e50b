"""Text fitted into boxes: the largest size, lines about equally long, words whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from media_worker.render.fonts import Letters, text_width
from media_worker.render.words import NO_START, clusters, units

LINE: Final = 1.32  # distance of lines, in font sizes
Sizes = tuple[int, int]


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


def fit(  # noqa: PLR0913  (a text, its box, its type)
    text: str,
    width: float,
    height: float,
    sizes: Sizes,
    letters: Letters,
    *,
    most: int = 99,
) -> Fitted:
    """The text at the largest size of ``sizes`` (smallest, largest) at which it fits the box in at
    most ``most`` lines, those about equally long; shortened only when no size does.
    """
    smallest, largest = sizes
    size = max(largest, smallest)
    while size > smallest:
        lines = wrapped(text, width, size, letters)
        if lines and len(lines) <= most and len(lines) * size * LINE <= height:
            return Fitted(lines=tuple(_balanced(lines, text, width, size, letters)), size=size)
        size = max(smallest, min(size - 1, int(size * 0.94)))
    lines = wrapped(text, width, smallest, letters, broken=True)
    most = min(most, max(1, int(height / (smallest * LINE))))
    if len(lines) <= most:
        return Fitted(lines=tuple(lines), size=smallest)
    return Fitted(
        lines=(*lines[: most - 1], _ended(lines[most - 1], width, smallest, letters)),
        size=smallest,
        shortened=True,
    )


def fit_all(  # noqa: PLR0913  (texts, their boxes, their type)
    texts: Sequence[str],
    width: float,
    height: float,
    sizes: Sizes,
    letters: Letters,
    *,
    most: int = 99,
) -> list[Fitted]:
    """Texts that stand side by side: each fits a box of this size, all at one size."""
    size = min(
        (fit(text, width, height, sizes, letters, most=most).size for text in texts),
        default=sizes[0],
    )
    return [fit(text, width, height, (sizes[0], size), letters, most=most) for text in texts]


def wrapped(
    text: str, width: float, size: int, letters: Letters, *, broken: bool = False
) -> list[str]:
    """Lines no wider than ``width``; empty when a word is wider (unless ``broken`` allows to cut
    it).
    """
    lines, line = list[str](), ""
    for unit in units(text):
        if text_width((line + unit).rstrip(), size, letters) <= width:
            line += unit
            continue
        if line.strip():
            lines.append(line.strip())
        line = unit
        if text_width(unit.rstrip(), size, letters) > width:
            if not broken:
                return []
            *whole, line = _cut(unit, width, size, letters)
            lines += whole
    return [*lines, line.strip()] if line.strip() else lines


def _cut(unit: str, width: float, size: int, letters: Letters) -> list[str]:
    """A word that is wider than its line, cut between characters."""
    lines, line = list[str](), list[str]()
    for cluster in clusters(unit):
        if line and text_width("".join([*line, cluster]).rstrip(), size, letters) > width:
            kept = len(line) - 1 if cluster[0] in NO_START and len(line) > 1 else len(line)
            lines.append("".join(line[:kept]))
            line = line[kept:]
        line.append(cluster)
    return [*lines, "".join(line)]


def _balanced(lines: list[str], text: str, width: float, size: int, letters: Letters) -> list[str]:
    """The same number of lines in the narrowest box: no last line of one character."""
    narrow = width
    while len(lines) > 1 and narrow > size:
        narrow -= size / 2
        tighter = wrapped(text, narrow, size, letters)
        if len(tighter) != len(lines):
            break
        lines = tighter
    return lines


def _ended(line: str, width: float, size: int, letters: Letters) -> str:
    kept = clusters(line)
    while kept and text_width("".join(kept) + "…", size, letters) > width:
        kept.pop()
    return "".join(kept).rstrip() + "…"
