"""A scene's frames: a still under a slow zoom, captions laid over it. A frame is a function of its
number.
"""

import math

import cv2
import numpy as np
from PIL import Image

from media_worker.render.boxes import Frame
from media_worker.render.planes import Planes, planes_of
from media_worker.render.sprites import Captions, Sprite

_STILL = 0.25  # pixels of its own: a plane in which nothing moved further is shown again
ZOOM = 0.05  # how much larger the picture is at one end of the scene than at the other
_TURNS = (None, 1, 0, -1)  # that bring a quarter's inner corner to its upper left
cv2.setNumThreads(1)


class Scene:
    """``still`` is drawn ``1 + ZOOM`` times larger than the frame, so no zoom ever blurs it."""

    def __init__(self, still: Image.Image, captions: Captions, frame: Frame, *, total: int) -> None:
        self._frame = frame
        self._total = total
        self._planes = planes_of(np.asarray(still))
        self._quarters = quartered(self._planes)
        self._inward = int(self._planes[0].sum()) % 2 == 0
        self._captions = captions
        moved = max(frame.width, frame.height) / 2 * ZOOM / max(1, total - 1)  # at an edge, a frame
        luma, chroma = (max(1, int(_STILL / there)) for there in (moved, moved / 2))
        self._holds = (luma, chroma, chroma)
        self._zooms = tuple(
            _Zoom(frame.width // scale, frame.height // scale) for scale in (1, 2, 2)
        )
        self._moved_at: tuple[int, ...] = (-1, -1, -1)
        self._shown = self._planes
        self._laid: tuple[Planes, Sprite, Planes] | None = None

    def planes(self, number: int) -> Planes:
        """Not to be changed: the picture may be that of the frames around it too."""
        drawn = self._picture(number)
        caption = self._captions.at(number)
        if caption is None:
            return drawn
        if self._laid is None or self._laid[0] is not drawn or self._laid[1] is not caption:
            self._laid = (drawn, caption, caption.laid(drawn))
        return self._laid[2]

    def _base(self, number: int) -> Planes:  # noqa: ARG002  (what moves asks for it)
        """The picture's planes before their zoom, turned for it."""
        return self._quarters

    def _picture(self, number: int) -> Planes:
        """Each plane as it was when it last moved."""
        moved_at = tuple(number // hold * hold for hold in self._holds)
        if moved_at != self._moved_at:
            base = self._base(number)
            luma, blueness, redness = (
                self._shown[n] if at == self._moved_at[n] else self._zoomed(base[n], n, at)
                for n, at in enumerate(moved_at)
            )
            self._moved_at, self._shown = moved_at, (luma, blueness, redness)
        return self._shown

    def _zoomed(self, quarters: np.ndarray, plane: int, number: int) -> np.ndarray:
        share = number / max(1, self._total - 1)
        zoom = 1 + ZOOM * (share if self._inward else 1 - share)
        return self._zooms[plane].at(zoom, quarters)


def enlarged(frame: Frame) -> Frame:
    """What a zoom is cut from: the middle of each of its planes lies between two pixels."""
    return Frame(
        width=_fourfold(frame.width * (1 + ZOOM)), height=_fourfold(frame.height * (1 + ZOOM))
    )


def _fourfold(value: float) -> int:
    return math.ceil(round(value, 6) / 4) * 4


class _Zoom:
    """The middle of a plane at a zoom, at sub-pixel places: no jitter.

    Its quarters grow from the middle outwards, since ``resize`` takes any factor, but no sub-pixel
    offset; all four as the channels of one picture. That is several times as fast as
    ``warpAffine``. What is in between is made where the last frame's was, if it is as large.
    """

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height
        self._grown: np.ndarray | None = None
        self._parts: list[np.ndarray] | None = None

    def at(self, zoom: float, quarters: np.ndarray) -> np.ndarray:
        tall, wide, _ = quarters.shape
        factor = zoom / min(2 * wide / self._width, 2 * tall / self._height)
        whole = np.empty((self._height, self._width), np.uint8)
        targets = _quarters(whole)
        down, across = (math.ceil(side / factor) + 1 for side in targets[0].shape)
        near = quarters[:down, :across]
        self._grown = cv2.resize(
            near, None, self._grown, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR
        )
        self._parts = list(cv2.split(self._grown, self._parts))
        for part, target, turn in zip(self._parts, targets, _TURNS, strict=True):
            cut = part[: target.shape[0], : target.shape[1]]
            if turn is None:
                target[:] = cut
            else:
                cv2.flip(cut, turn, target)
        return whole


def quartered(planes: Planes) -> Planes:
    """Each plane's quarters as channels, each with the middle of the plane at its upper left."""
    luma, blueness, redness = (
        cv2.merge(
            [
                quarter if turn is None else cv2.flip(quarter, turn)
                for quarter, turn in zip(_quarters(plane), _TURNS, strict=True)
            ]
        )
        for plane in planes
    )
    return luma, blueness, redness


def _quarters(plane: np.ndarray) -> tuple[np.ndarray, ...]:
    """Lower right, lower left, upper right, upper left; sides are even."""
    y, x = plane.shape[0] // 2, plane.shape[1] // 2
    return (plane[y:, x:], plane[y:, :x], plane[:y, x:], plane[:y, :x])
