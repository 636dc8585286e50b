"""Shapes as masks with smooth edges at sub-pixel places, each as small as its shape."""

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image

from media_worker.render.boxes import Box

_SHIFT: Final = 4  # cv2 draws at sixteenths of a pixel
_SMOOTH: Final[dict[str, Any]] = {"lineType": cv2.LINE_AA, "shift": _SHIFT}


@dataclass(frozen=True, slots=True)
class Mask:
    """``alpha`` (mode L) and where its corner lies in the picture."""

    alpha: Image.Image
    x: int
    y: int


def rounded(box: Box, radius: float, hollow: float = 0) -> Mask:
    """A rectangle with round corners; ``hollow``: only its edge, this thick, lying inside."""
    distance, x, y = _distance(box, radius, 1)
    inside = np.clip(0.5 - distance, 0, 1)
    if hollow:
        inside -= np.clip(0.5 - distance - hollow, 0, 1)
    return _mask(inside, x, y)


def shadow(box: Box, radius: float, spread: float) -> Mask:
    """Soft, a little below the box."""
    low = box.lowered(spread * 0.3)
    distance, x, y = _distance(low, radius, math.ceil(spread) + 1)
    share = np.clip(0.5 - distance / (2 * spread), 0, 1)
    return _mask(share * share * (3 - 2 * share), x, y)


def line_mask(box: Box, unit: int) -> Mask:
    thick = max(2, round(unit * 0.008))
    mask, x, y, points = _plot(box, thick + 1)
    cv2.polylines(mask, [points], isClosed=False, color=255, thickness=thick, **_SMOOTH)
    return Mask(Image.fromarray(mask), x, y)


def under_mask(box: Box) -> Mask:
    """What lies between a line and the foot of its box."""
    mask, x, y, points = _plot(box, 2)
    foot = round((box.y1 - y) * 2**_SHIFT)
    ends = np.array([[points[-1][0], foot], [points[0][0], foot]], np.int32)
    cv2.fillPoly(mask, [np.concatenate([points, ends])], color=255, **_SMOOTH)
    fade = np.linspace(1, 0.25, mask.shape[0], dtype=np.float32)[:, None]
    return Mask(Image.fromarray((mask * fade).astype(np.uint8)), x, y)


def _plot(box: Box, pad: int) -> tuple[np.ndarray, int, int, np.ndarray]:
    x, y = math.floor(box.x0) - pad, math.floor(box.y0) - pad
    mask = np.zeros((math.ceil(box.y1) + pad - y, math.ceil(box.x1) + pad - x), np.uint8)
    points = np.array(
        [[round((px - x) * 2**_SHIFT), round((py - y) * 2**_SHIFT)] for px, py in box.points],
        np.int32,
    )
    return mask, x, y, points


def _distance(box: Box, radius: float, pad: int) -> tuple[np.ndarray, int, int]:
    """How far each pixel's middle lies outside the rounded rectangle (below 0: inside)."""
    x, y = math.floor(box.x0) - pad, math.floor(box.y0) - pad
    across = np.arange(x, math.ceil(box.x1) + pad, dtype=np.float32) + 0.5
    down = np.arange(y, math.ceil(box.y1) + pad, dtype=np.float32) + 0.5
    radius = min(radius, box.width / 2, box.height / 2)
    dx = np.abs(across - (box.x0 + box.x1) / 2) - (box.width / 2 - radius)
    dy = np.abs(down - (box.y0 + box.y1) / 2) - (box.height / 2 - radius)
    outside = np.hypot(np.maximum(dx, 0)[None, :], np.maximum(dy, 0)[:, None])
    inside = np.minimum(np.maximum(dx[None, :], dy[:, None]), 0)
    return outside + inside - radius, x, y


def _mask(share: np.ndarray, x: int, y: int) -> Mask:
    return Mask(Image.fromarray((share * 255 + 0.5).astype(np.uint8)), x, y)
