"""Captions as planes: drawn once, multiplied by their own alpha once, laid over each frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from media_worker.render.boxes import Frame
from media_worker.render.captions import Caption, Rect, Timed, timed
from media_worker.render.planes import Planes, planes_of
from media_worker.render.port import FPS
from media_worker.render.styles import Style
from shared.messages.manifest import Cue


@dataclass(frozen=True, slots=True, kw_only=True)
class Sprite:
    """Premultiplied planes and what they leave of the frame (of 256), at an even place in it."""

    x: int
    y: int
    planes: tuple[tuple[np.ndarray, np.ndarray], ...]

    def laid(self, drawn: Planes) -> Planes:
        """A copy of the planes with the sprite over them."""
        luma, blueness, redness = (plane.copy() for plane in drawn)
        for plane, (color, rest), scale in zip(
            (luma, blueness, redness), self.planes, (1, 2, 2), strict=True
        ):
            height, width = rest.shape
            x, y = self.x // scale, self.y // scale
            under = plane[y : y + height, x : x + width]
            under[:] = (under * rest + color) >> 8
        return luma, blueness, redness


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """The one caption that is on screen: kept, the others are not."""

    index: int
    caption: Caption
    image: Image.Image
    plain: Sprite
    words: Timed


class Captions:
    """A scene's captions by frame; ``voice_from`` is the frame at which its voice begins."""

    def __init__(
        self,
        cues: Sequence[Cue],
        frame: Frame,
        style: Style,
        *,
        voice_from: int,
        highlight: bool,
    ) -> None:
        self._cues = cues
        self._frame = frame
        self._style = style
        self._from = voice_from
        self._highlight = highlight
        self._shown: _Shown | None = None
        self._lit: tuple[int, int, Sprite] | None = None

    def at(self, number: int) -> Sprite | None:
        for index, cue in enumerate(self._cues):
            start = self._from + cue.start_ms * FPS // 1000
            end = self._from + -(-cue.end_ms * FPS // 1000)
            if start <= number < end and cue.text.strip():
                return self._sprite(index, cue, (number - self._from) * 1000 / FPS)
        return None

    def _sprite(self, index: int, cue: Cue, ms: float) -> Sprite:
        shown = self._shown
        if shown is None or shown.index != index:
            caption = Caption(text=cue.text, frame=self._frame, style=self._style)
            image = caption.image()
            plain = sprite(image, caption.x, caption.y)
            shown = _Shown(index=index, caption=caption, image=image, plain=plain, words=timed(cue))
            self._shown = shown
        if not self._highlight or not shown.words.spans:
            return shown.plain
        word = shown.words.at(ms)
        if self._lit is None or self._lit[:2] != (index, word):
            image, rects = shown.caption.lit(shown.image, shown.words.spans[word])
            self._lit = (index, word, _patched(shown.plain, image, rects))
        return self._lit[2]


def sprite(image: Image.Image, x: int, y: int) -> Sprite:
    return Sprite(x=x, y=y, planes=_premultiplied(np.asarray(image)))


def _premultiplied(rgba: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    alpha = rgba[..., 3]
    half = cv2.resize(
        alpha, (alpha.shape[1] // 2, alpha.shape[0] // 2), interpolation=cv2.INTER_AREA
    )
    shares = [mask + (mask >> 7) for mask in (alpha.astype(np.uint16), half.astype(np.uint16))]
    return tuple(
        (plane.astype(np.uint16) * share, 256 - share)
        for plane, share in zip(planes_of(rgba[..., :3]), (shares[0], *shares[1:] * 2), strict=True)
    )


def _patched(plain: Sprite, image: Image.Image, rects: Sequence[Rect]) -> Sprite:
    """The same sprite with a few rectangles of another colour: their alpha is the same."""
    colors = [color.copy() for color, _ in plain.planes]
    for x0, y0, x1, y1 in rects:
        piece = np.asarray(image.crop((x0, y0, x1, y1)))
        layers = _premultiplied(piece)
        for target, (color, _), scale in zip(colors, layers, (1, 2, 2), strict=True):
            target[y0 // scale : y1 // scale, x0 // scale : x1 // scale] = color
    planes = tuple((color, rest) for color, (_, rest) in zip(colors, plain.planes, strict=True))
    return Sprite(x=plain.x, y=plain.y, planes=planes)
