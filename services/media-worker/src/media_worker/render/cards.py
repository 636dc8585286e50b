"""A laid-out card, drawn in its theme."""

from collections.abc import Callable, Sequence
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from media_worker.render.bidi import is_rtl
from media_worker.render.boxes import Box, Frame, Role, Tone
from media_worker.render.color import Color, Tint
from media_worker.render.fitting import LINE, Fitted
from media_worker.render.fonts import draw_text, text_width
from media_worker.render.grounds import ground
from media_worker.render.layout import layout
from media_worker.render.masks import Mask, line_mask, rounded, shadow, under_mask
from media_worker.render.styles import Style
from shared.messages.script import Card

Picture = Image.Image


def still(
    heading: str, card: Card, frame: Frame, style: Style, picture: Picture | None = None
) -> Picture:
    """The scene's picture, without captions. ``picture`` is what a picture card shows."""
    ratio = picture.width / picture.height if picture else None
    boxes = layout(heading, card, style.page(frame), ratio)
    canvas = Canvas(style, frame, picture)
    canvas.shapes(boxes)
    canvas.words(boxes)
    return canvas.image


class Canvas:
    """Everything is pasted through a mask as small as its shape."""

    def __init__(self, style: Style, frame: Frame, picture: Picture | None) -> None:
        self.image = Image.fromarray(ground(style, frame.width, frame.height))
        self._style = style
        self._unit = frame.unit
        self._picture = picture
        self._blurred: Picture | None = None

    def shapes(self, boxes: Sequence[Box]) -> None:
        for box in boxes:
            if box.text is None and box.width >= 1 and box.height >= 1:
                _SHAPES[box.role](self, box)

    def words(self, boxes: Sequence[Box]) -> None:
        for box in boxes:
            if box.text is not None:
                self.text(box, box.text)

    def panel(self, box: Box) -> None:
        panel = self._style.panel
        radius = min(self._unit * panel.radius, box.height / 2)
        body = rounded(box, radius)
        if panel.shadow:
            self._shade(box, radius, panel.shadow)
        if panel.frosted:
            self._paste(self._frost(), body)
        self._paint(panel.fill, body)
        self._paint(panel.line, rounded(box, radius, hollow=max(1.0, self._unit / 480)))

    def row(self, box: Box) -> None:
        if self._style.row == "card":
            self.panel(box)
            return
        thick = max(1.0, self._unit / 480)
        low = Box(role="axis", x0=box.x0, x1=box.x1, y0=box.y1 - thick, y1=box.y1)
        self._paint(self._style.hair, rounded(low, 0))

    def badge(self, box: Box) -> None:
        radius = box.height * self._style.badge_radius
        self._paint((*self._tone(box), 255), rounded(box, radius))

    def bar(self, box: Box) -> None:
        tint = (*self._style.accent, 255) if box.tone == "accent" else self._style.bar
        self._paint(tint, rounded(box, min(box.height, box.width) * self._style.badge_radius))

    def trough(self, box: Box) -> None:
        self._paint(self._style.trough, rounded(box, box.height * self._style.badge_radius))

    def hair(self, box: Box) -> None:
        self._paint(self._style.hair, rounded(box, 0))

    def link(self, box: Box) -> None:
        self._paint(self._style.bar, rounded(box, box.height / 2))

    def rule(self, box: Box) -> None:
        round_ends = min(box.width, box.height) * self._style.badge_radius
        self._paint((*self._style.accent, 255), rounded(box, round_ends))

    def line(self, box: Box) -> None:
        accent = self._style.accent
        self._paint((*accent, 40), under_mask(box))
        self._paint((*accent, 255), line_mask(box, self._unit))

    def picture(self, box: Box) -> None:
        if self._picture is None:
            return
        radius = self._unit * self._style.panel.radius
        body = rounded(box, radius)
        self._shade(box, radius, max(0.3, self._style.panel.shadow))
        x0, y0 = round(box.x0), round(box.y0)
        size = max(1, round(box.x1) - x0), max(1, round(box.y1) - y0)
        fitted = self._picture.resize(size, Image.Resampling.LANCZOS)
        whole = self.image.copy()
        whole.paste(fitted, (x0, y0))
        self._paste(whole, body)
        self._paint(self._style.panel.line, rounded(box, radius, hollow=max(1.0, self._unit / 480)))

    def text(self, box: Box, fitted: Fitted) -> None:
        pad = fitted.size
        x0, y0 = round(box.x0) - pad, round(box.y0) - pad
        size = round(box.width) + 2 * pad, round(max(box.height, fitted.height)) + 2 * pad
        ink = Image.new("L", size)
        _write(ImageDraw.Draw(ink), box, fitted, (x0, y0))
        if box.halo:
            edge = Image.new("L", size)
            _write(ImageDraw.Draw(edge), box, fitted, (x0, y0), stroke=max(2, fitted.size * 0.16))
            self._paint((*self._style.halo, 235), Mask(edge, x0, y0))
        if self._style.shadow and box.tone != "on_accent":
            soft = ink.filter(ImageFilter.GaussianBlur(max(1, fitted.size * 0.07)))
            low = y0 + max(1, round(fitted.size * 0.05))
            self._paint((0, 0, 0, round(255 * self._style.shadow)), Mask(soft, x0, low))
        self._paint((*self._tone(box), 255), Mask(ink, x0, y0))

    def _tone(self, box: Box) -> Color:
        return tones(self._style)[box.tone]

    def _shade(self, box: Box, radius: float, strength: float) -> None:
        self._paint((20, 24, 48, round(255 * strength)), shadow(box, radius, self._unit * 0.03))

    def _frost(self) -> Picture:
        if self._blurred is None:
            pixels = np.asarray(self.image)
            small = cv2.resize(pixels, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
            soft = cv2.GaussianBlur(small, (0, 0), max(1.0, self._unit / 160))
            size = self.image.width, self.image.height
            large = cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR)
            self._blurred = Image.fromarray(large)
        return self._blurred

    def _paint(self, tint: Tint, mask: Mask) -> None:
        if tint[3]:
            alpha = mask.alpha if tint[3] == 255 else mask.alpha.point(_times(tint[3]))
            self.image.paste(tint[:3], (mask.x, mask.y), alpha)

    def _paste(self, whole: Picture, mask: Mask) -> None:
        """A piece of ``whole``, which is as large as the image, through the mask."""
        size = mask.alpha.size
        piece = whole.crop((mask.x, mask.y, mask.x + size[0], mask.y + size[1]))
        self.image.paste(piece, (mask.x, mask.y), mask.alpha)


_SHAPES: Final[dict[Role, Callable[[Canvas, Box], None]]] = {
    "panel": Canvas.panel,
    "row": Canvas.row,
    "badge": Canvas.badge,
    "dot": Canvas.badge,
    "bar": Canvas.bar,
    "trough": Canvas.trough,
    "link": Canvas.link,
    "rule": Canvas.rule,
    "mark": Canvas.rule,
    "axis": Canvas.hair,
    "line": Canvas.line,
    "picture": Canvas.picture,
}


def tones(style: Style) -> dict[Tone, Color]:
    return {
        "ink": style.ink,
        "soft": style.soft,
        "accent": style.accent,
        "on_accent": style.on_accent,
    }


def _times(opacity: int) -> list[int]:
    return [value * opacity // 255 for value in range(256)]


def _write(
    draw: ImageDraw.ImageDraw,
    box: Box,
    fitted: Fitted,
    origin: tuple[int, int],
    *,
    stroke: float = 0,
) -> None:
    top = (box.y0 + box.y1) / 2 - fitted.height / 2 - origin[1]
    for index, line in enumerate(fitted.lines):
        wide = text_width(line, fitted.size, box.letters)
        align = "right" if box.align == "left" and is_rtl(line) else box.align
        x = {
            "center": (box.x0 + box.x1 - wide) / 2,
            "left": box.x0,
            "right": box.x1 - wide,
        }[align]
        middle = top + fitted.size * LINE * (index + 0.5)
        place = (x - origin[0], middle)
        draw_text(draw, place, line, fitted.size, box.letters, fill=255, stroke=stroke)
