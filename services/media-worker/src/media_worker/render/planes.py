"""Pictures as YUV planes, which is what the encoder takes."""

import cv2
import numpy as np

from media_worker.render.boxes import Frame

Planes = tuple[np.ndarray, np.ndarray, np.ndarray]


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


def reduced(planes: Planes, frame: Frame) -> Planes:
    """The same picture, smaller."""
    whole, half = (frame.width, frame.height), (frame.width // 2, frame.height // 2)
    luma, blueness, redness = planes
    return (
        cv2.resize(luma, whole, interpolation=cv2.INTER_AREA),
        cv2.resize(blueness, half, interpolation=cv2.INTER_AREA),
        cv2.resize(redness, half, interpolation=cv2.INTER_AREA),
    )


def _bytes(plane: np.ndarray) -> np.ndarray:
    return np.clip(plane + 0.5, 0, 255).astype(np.uint8)
