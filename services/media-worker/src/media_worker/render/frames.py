"""Frames as YUV planes: a still under a slow zoom, captions laid over it. A frame is a function of
its number.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from media_worker.render.boxes import Frame
from media_worker.render.captions import Sprite, caption_image
from media_worker.render.port import FPS
from shared.messages.manifest import Cue

Planes = tuple[np.ndarray, np.ndarray, np.ndarray]
ZOOM = 0.05  # how much larger the picture is at one end of the scene than at the other
cv2.setNumThreads(1)


def planes_of(rgb: np.ndarray) -> Planes:
    """BT.709, limited range, 4:2:0: ITU-R BT.709-6, sections 3 and 4."""
    red, green, blue = (rgb[..., i].astype(np.float32) for i in range(3))
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    height, width = luma.shape
    half = (width // 2, height // 2)
    blueness = cv2.resize((blue - luma) / 1.8556, half, interpolation=cv2.INTER_AREA)
    redness = cv2.resize((red - luma) / 1.5748, half, interpolation=cv2.INTER_AREA)
    return (
        _bytes(16 + luma * 219 / 255),
        _bytes(128 + blueness * 224 / 255),
        _bytes(128 + redness * 224 / 255),
    )


def _bytes(plane: np.ndarray) -> np.ndarray:
    return np.clip(plane + 0.5, 0, 255).astype(np.uint8)


class Scene:
    """One scene's frames. ``still`` is drawn ``1 + ZOOM`` times larger than the frame, so no zoom
    ever blurs it.
    """

    def __init__(
        self, still: Image.Image, cues: Sequence[Cue], frame: Frame, *, total: int, voice_from: int
    ) -> None:
        self._frame = frame
        self._total = total
        self._planes = planes_of(np.asarray(still))
        self._inward = int(self._planes[0].sum()) % 2 == 0
        self._cues = [
            (
                voice_from + cue.start_ms * FPS // 1000,
                voice_from + -(-cue.end_ms * FPS // 1000),
                cue,
            )
            for cue in cues
        ]
        self._sprites: dict[str, Sprite] = {}

    def planes(self, number: int) -> Planes:
        share = number / max(1, self._total - 1)
        zoom = 1 + ZOOM * (share if self._inward else 1 - share)
        width, height = self._frame.width, self._frame.height
        drawn = (
            _warped(self._planes[0], width, height, zoom),
            _warped(self._planes[1], width // 2, height // 2, zoom),
            _warped(self._planes[2], width // 2, height // 2, zoom),
        )
        for start, end, cue in self._cues:
            if start <= number < end:
                _lay(self._sprite(cue.text), drawn)
                break
        return drawn

    def _sprite(self, text: str) -> Sprite:
        if text not in self._sprites:
            self._sprites = {text: sprite(text, self._frame)}  # only the one on screen is kept
        return self._sprites[text]


def sprite(text: str, frame: Frame) -> Sprite:
    """A caption as planes, multiplied by its own alpha once instead of at each frame."""
    image, x, y = caption_image(text, frame)
    rgba = np.asarray(image)
    alpha = rgba[..., 3]
    half = cv2.resize(
        alpha, (alpha.shape[1] // 2, alpha.shape[0] // 2), interpolation=cv2.INTER_AREA
    )
    colored = planes_of(rgba[..., :3])
    layers = tuple(
        (plane.astype(np.uint16) * mask, 255 - mask.astype(np.uint16))
        for plane, mask in zip(colored, (alpha, half, half), strict=True)
    )
    return Sprite(x=x, y=y, planes=layers)


def _warped(plane: np.ndarray, width: int, height: int, zoom: float) -> np.ndarray:
    """The middle of the plane at ``zoom``, at sub-pixel places: no jitter."""
    step = plane.shape[1] / width / zoom
    left, top = (plane.shape[1] - step * width) / 2, (plane.shape[0] - step * height) / 2
    matrix = np.array([[step, 0, left], [0, step, top]], dtype=np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(
        plane, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )


def _lay(over: Sprite, drawn: Planes) -> None:
    for plane, (color, rest), scale in zip(drawn, over.planes, (1, 2, 2), strict=True):
        height, width = rest.shape
        x, y = over.x // scale, over.y // scale
        under = plane[y : y + height, x : x + width]
        under[:] = (under * rest + color) // 255
