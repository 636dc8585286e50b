"""Captions as they are burned in: where their lines end, which word is lit when."""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image, ImageDraw

from media_worker.render.bidi import is_rtl
from media_worker.render.boxes import Frame
from media_worker.render.fitting import LINE, Fitted, fit
from media_worker.render.fonts import PLAIN, Letters, draw_text, text_width
from media_worker.render.styles import Style
from media_worker.render.words import units
from shared.messages.manifest import Cue, Word

_MARKS = "，。、；：,.;:"
# The captions' own strip: (top, bottom) of the height, and the width. Upright videos keep clear of
# what phone apps lay over them (docs/look.md).
_TALL = (0.66, 0.80, 0.76)
_OTHER = (0.77, 0.955, 0.88)


def strip(frame: Frame) -> tuple[float, float, float]:
    return _TALL if frame.tall else _OTHER


@dataclass(frozen=True, kw_only=True)
class Caption:
    """A caption's text set in its strip of the frame; ``x`` and ``y`` are even."""

    text: str
    frame: Frame
    style: Style

    @property
    def letters(self) -> Letters:
        return Letters(self.style.face, "Bold")

    @cached_property
    def fitted(self) -> Fitted:
        """Lines that end between words, never begin with a mark, and are about equally long."""
        top, bottom, wide = strip(self.frame)
        shown = self.text.rstrip(_MARKS) or self.text
        height = self.frame.height * (bottom - top)
        sizes = self.frame.size(0.034, 0.068 if self.frame.tall else 0.06)
        room = height - 2 * self.stroke_of(sizes[1])
        return fit(shown, self.frame.width * wide, room, sizes, self.letters)

    @staticmethod
    def stroke_of(size: int) -> int:
        return max(2, round(size * 0.085))

    @property
    def stroke(self) -> int:
        return self.stroke_of(self.fitted.size)

    @cached_property
    def size(self) -> tuple[int, int]:
        """Of its image in pixels, both even."""
        widths = [text_width(line, self.fitted.size, self.letters) for line in self.fitted.lines]
        width = min(self.frame.width, round(max(widths, default=0)) + 4 * self.stroke)
        return (width + 1) // 2 * 2, (round(self.fitted.height) + 2 * self.stroke + 1) // 2 * 2

    @property
    def x(self) -> int:
        return (self.frame.width - self.size[0]) // 4 * 2

    @property
    def y(self) -> int:
        bottom = self.frame.height * strip(self.frame)[1]
        return (int(bottom) - self.size[1]) // 2 * 2

    def image(self) -> Image.Image:
        """Letters in the theme's ink on an edge, so that they read on anything."""
        body, edge = Image.new("L", self.size), Image.new("L", self.size)
        for index, line in enumerate(self.fitted.lines):
            for mask, stroke in ((edge, self.stroke), (body, 0)):
                self._write(mask, line, index, stroke)
        image = Image.merge("RGBA", [*_flat(self.size, self.style.caption_edge), edge])
        image.paste(self.style.ink, (0, 0), body)
        return image

    def lit(self, image: Image.Image, span: tuple[int, int]) -> tuple[Image.Image, list["Rect"]]:
        """``image`` with the visible characters [start, end) in the accent, and where."""
        lit, rects = image.copy(), list[Rect]()
        at = 0
        for index, line in enumerate(self.fitted.lines):
            count = _visible(line)
            start, end = max(span[0] - at, 0), min(span[1] - at, count)
            at += count
            if start >= end:
                continue
            rect = self._rect(line, index, _at(line, start), _at(line, end - 1) + 1)
            body = Image.new("L", self.size)
            self._write(body, line, index, 0)
            piece = body.crop(rect)
            lit.paste(self.style.caption_accent, (rect[0], rect[1]), piece)
            rects.append(rect)
        return lit, rects

    def _rect(self, line: str, index: int, start: int, end: int) -> "Rect":
        """Around a stretch of a line, on even pixels, a touch wider than its letters."""
        size = self.fitted.size
        whole = text_width(line, size, self.letters)
        before = text_width(line[:start], size, self.letters)
        through = text_width(line[:end], size, self.letters)
        if is_rtl(line):
            before, through = whole - through, whole - before
        left = (self.size[0] - whole) / 2
        top = self.stroke + round(size * LINE * index)
        x0 = max(0, int(left + before)) // 2 * 2
        x1 = min(self.size[0], (int(left + through) + 2) // 2 * 2)
        y1 = min(self.size[1], (top + round(size * LINE) + 1) // 2 * 2)
        return x0, top // 2 * 2, x1, y1

    def _write(self, mask: Image.Image, line: str, index: int, stroke: int) -> None:
        size = self.fitted.size
        x = (self.size[0] - text_width(line, size, self.letters)) / 2
        middle = self.stroke + size * LINE * (index + 0.5)
        draw = ImageDraw.Draw(mask)
        draw_text(draw, (x, middle), line, size, self.letters, fill=255, stroke=stroke)


Rect = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Which visible characters of a caption are spoken from when on (milliseconds)."""

    starts: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    def at(self, ms: float) -> int:
        """The number of the stretch that is spoken at this time."""
        return max(0, bisect.bisect_right(self.starts, ms) - 1)


def timed(cue: Cue) -> Timed:
    """By the voice's own word times where they tell the whole text, else by the words' widths."""
    words = cue.words
    if "".join("".join(word.text.split()) for word in words) != "".join(cue.text.split()):
        words = _shared(cue)
    starts, spans, at = list[int](), list[tuple[int, int]](), 0
    for word in words:
        count = _visible(word.text)
        if count:
            starts.append(word.start_ms)
            spans.append((at, at + count))
            at += count
    return Timed(starts=tuple(starts), spans=tuple(spans))


def _shared(cue: Cue) -> tuple[Word, ...]:
    """The cue's time fairly shared among its words."""
    pieces = _joined(units(cue.text))
    weights = np.cumsum([0, *(text_width(piece, 20, PLAIN) + 4 for piece in pieces)])
    span, whole = cue.end_ms - cue.start_ms, max(1.0, float(weights[-1]))
    times = [cue.start_ms + round(span * float(weight) / whole) for weight in weights]
    return tuple(
        Word(start_ms=start, end_ms=end, text=piece)
        for start, end, piece in zip(times, times[1:], pieces, strict=False)
    )


def _joined(pieces: Sequence[str]) -> list[str]:
    """A word of one letter goes with the one after it, a last one with the one before."""
    joined: list[str] = []
    for piece in pieces:
        if joined and _spoken(joined[-1]) < 2:
            joined[-1] += piece
        else:
            joined.append(piece)
    if len(joined) > 1 and _spoken(joined[-1]) < 2:
        joined[-2:] = [joined[-2] + joined[-1]]
    return joined


def _spoken(text: str) -> int:
    return sum(letter.isalnum() for letter in text)


def _visible(text: str) -> int:
    return sum(not letter.isspace() for letter in text)


def _at(line: str, number: int) -> int:
    """Where in the line its ``number``-th visible character stands."""
    places: Sequence[int] = [n for n, letter in enumerate(line) if not letter.isspace()]
    return places[number]


def _flat(size: tuple[int, int], color: tuple[int, int, int]) -> list[Image.Image]:
    return [Image.new("L", size, value) for value in color]
