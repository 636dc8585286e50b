"""A scene's frames: a still under a slow zoom, captions laid over it. A frame is a function of its
number.
"""

import math
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image

from media_worker.render.boxes import Frame
from media_worker.render.planes import Planes, planes_of
from media_worker.render.sprites import Captions, Sprite

_STILL = 0.25  # pixels: where nothing moved further, the last picture is shown again
ZOOM = 0.05  # how much larger the picture is at one end of the scene than at the other
_TURNS = (None, 1, 0, -1)  # that bring a quarter's inner corner to its upper left
cv2.setNumThreads(1)


class Scene:
    """``still`` is drawn ``1 + ZOOM`` times larger than the frame, so no zoom ever blurs it."""

    def __init__(self, still: Image.Image, captions: Captions, frame: Frame, *, total: int) -> None:
        self._frame = frame
        self._total = total
        self._planes = planes_of(np.asarray(still))
        self._inward = int(self._planes[0].sum()) % 2 == 0
        self._captions = captions
        moved = max(frame.width, frame.height) / 2 * ZOOM / max(1, total - 1)  # at an edge, a frame
        self._hold = max(1, int(_STILL / moved))
        self._drawn: tuple[int, Planes] | None = None
        self._laid: tuple[Planes, Sprite, Planes] | None = None

    def planes(self, number: int) -> Planes:
        """Not to be changed: the picture may be that of the frames around it too."""
        drawn = self._picture(number // self._hold * self._hold)
        caption = self._captions.at(number)
        if caption is None:
            return drawn
        if self._laid is None or self._laid[0] is not drawn or self._laid[1] is not caption:
            self._laid = (drawn, caption, caption.laid(drawn))
        return self._laid[2]

    def _base(self, number: int) -> Planes:  # noqa: ARG002  (what moves asks for it)
        """The picture before its zoom."""
        return self._planes

    def _picture(self, number: int) -> Planes:
        if self._drawn is None or self._drawn[0] != number:
            base = self._base(number)
            share = number / max(1, self._total - 1)
            zoom = 1 + ZOOM * (share if self._inward else 1 - share)
            width, height = self._frame.width, self._frame.height
            planes = (
                _zoomed(base[0], width, height, zoom),
                _zoomed(base[1], width // 2, height // 2, zoom),
                _zoomed(base[2], width // 2, height // 2, zoom),
            )
            self._drawn = (number, planes)
        return self._drawn[1]


def enlarged(frame: Frame) -> Frame:
    """What a zoom is cut from: the middle of each of its planes lies between two pixels."""
    return Frame(
        width=_fourfold(frame.width * (1 + ZOOM)), height=_fourfold(frame.height * (1 + ZOOM))
    )


def _fourfold(value: float) -> int:
    return math.ceil(round(value, 6) / 4) * 4


def _zoomed(plane: np.ndarray, width: int, height: int, zoom: float) -> np.ndarray:
    """The middle of the plane at ``zoom``, at sub-pixel places: no jitter.

    Each quarter grows from the middle outwards, since ``resize`` takes any factor, but no
    sub-pixel offset; it is three times as fast as ``warpAffine``.
    """
    factor = zoom / min(plane.shape[1] / width, plane.shape[0] / height)
    whole = np.empty((height, width), np.uint8)
    for (source, target), turn in zip(
        zip(_quarters(plane), _quarters(whole), strict=True), _TURNS, strict=True
    ):
        outwards = source if turn is None else cv2.flip(source, turn)
        grown = cv2.resize(outwards, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
        cut = grown[: target.shape[0], : target.shape[1]]
        target[:] = cut if turn is None else cv2.flip(cut, turn)
    return whole


def _quarters(plane: np.ndarray) -> Iterator[np.ndarray]:
    """Lower right, lower left, upper right, upper left."""
    y, x = plane.shape[0] // 2, plane.shape[1] // 2
    yield from (plane[y:, x:], plane[y:, :x], plane[:y, x:], plane[:y, :x])
