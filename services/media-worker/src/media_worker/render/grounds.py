"""What lies behind everything: one painter a ground, out of the same few strokes."""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from media_worker.render.color import color, luminance
from media_worker.render.styles import Ground, Style

Seed = np.random.Generator
Pixels = np.ndarray  # height × width × 3, float, 0–255
# Relative luminance behind white text: white on it is above 9:1, on a panel above 4.5:1.
_BRIGHTEST: Final = 0.055
_SHIFT: Final = 4  # cv2 draws at sixteenths of a pixel


def ground(style: Style, width: int, height: int) -> np.ndarray:
    """The bare ground as 8-bit RGB, the same for the same style and size."""
    seed = np.random.default_rng(style.seed)
    pixels = _GROUNDS[style.ground](style, width, height, seed)
    grain = seed.normal(0, 1.5, (height, width, 1)).astype(np.float32)  # against banding
    return np.clip(pixels + grain, 0, 255).astype(np.uint8)


def _mesh(style: Style, width: int, height: int, seed: Seed) -> Pixels:
    """A dark mesh of neighbouring hues with vignette, rings and dots."""
    hue = style.hue
    pixels = _slope(_rgb(hue, 0.78, 0.34), _rgb(hue + 0.09, 0.82, 0.14), width, height)
    for _ in range(5):
        _blob(pixels, _rgb(hue + seed.uniform(-0.09, 0.11), 0.8, 0.62), seed, (0.3, 0.6))
    across, down = _places(width, height)
    pixels *= 1 - 0.85 * ((across - 0.5) ** 2 + (down - 0.5) ** 2)[..., None]
    bright = luminance(np.clip(pixels, 0, 255))
    pixels *= np.minimum(1, (_BRIGHTEST / np.maximum(bright, 1e-6)) ** (1 / 2.2))[..., None]
    unit = min(width, height)
    for _ in range(3):
        x, y = seed.uniform(0, width), seed.uniform(0, height)
        radius = seed.uniform(0.2, 0.5) * unit
        for ring in range(3):
            _ring(pixels, (x, y), radius + ring * unit * 0.025, 0.10 - ring * 0.03)
    _dots(pixels, seed, unit)
    return pixels


def _pastel(style: Style, width: int, height: int, seed: Seed) -> Pixels:
    """Nearly white, with faint colours in the corners."""
    white = np.array([252, 253, 255], np.float32)
    pixels = _slope(white, _rgb(style.hue, 0.045, 0.985), width, height)
    for x, y, turn in ((0.98, 0.02, 0.0), (0.0, 1.0, 0.10), (1.0, 0.95, -0.10)):
        _blob(pixels, _rgb(style.hue + turn, 0.24, 1.0), seed, (0.55, 0.75), at=(x, y))
    unit = min(width, height)
    for ring in range(4):
        _ring(pixels, (width * 0.99, height * 0.02), unit * (0.16 + 0.07 * ring), -0.035)
    return pixels


def _black(style: Style, width: int, height: int, seed: Seed) -> Pixels:  # noqa: ARG001
    """Flat black, one bar of colour at the edge, slanted strokes in a corner."""
    pixels = np.empty((height, width, 3), np.float32)
    pixels[:] = (14, 14, 17)
    unit, accent = min(width, height), np.array(style.accent, np.float32)
    step, thick = unit * 0.036, max(2, round(unit * 0.011))
    for stroke in range(7):
        x = width - unit * 0.05 - stroke * step
        _stroke(pixels, (x, -thick), (x + unit * 0.3, unit * 0.3 - thick), accent * 0.26, thick)
    pixels[:, : round(width * 0.028)] = accent
    return pixels


def _cream(style: Style, width: int, height: int, seed: Seed) -> Pixels:  # noqa: ARG001
    """Warm paper with its fibres, ruled above and below."""
    pixels = _slope(
        np.array([248, 240, 228], np.float32), np.array([242, 230, 213], np.float32), width, height
    )
    small = seed.normal(0, 1, (max(2, height // 6), max(2, width // 6))).astype(np.float32)
    pixels += (cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC) * 1.3)[..., None]
    unit, line = min(width, height), np.array([150, 116, 84], np.float32)
    for y in (height * 0.042, height * 0.042 + unit * 0.011):
        ends = (width * 0.045, y), (width * 0.955, y)
        _stroke(pixels, *ends, line, max(1, round(unit * 0.0022)))
    return pixels


def _blueprint(style: Style, width: int, height: int, seed: Seed) -> Pixels:  # noqa: ARG001
    """Deep blue under a fine grid, marks at its corners."""
    pixels = _slope(
        np.array([12, 33, 62], np.float32), np.array([6, 16, 33], np.float32), width, height
    )
    unit = min(width, height)
    cell, line = unit / 18, np.array([126, 168, 214], np.float32)
    for axis, length in ((1, width), (0, height)):
        middle = length / 2
        for number in range(-40, 41):
            place = round(middle + number * cell)
            if 0 <= place < length:
                strip = pixels[:, place] if axis else pixels[place]
                strip += (line - strip) * (0.13 if number % 4 == 0 else 0.055)
    arm, off = unit * 0.035, unit * 0.05
    for x, right in ((off, 1), (width - off, -1)):
        for y, low in ((off, 1), (height - off, -1)):
            _stroke(pixels, (x, y), (x + arm * right, y), line * 0.8, max(1, unit // 360))
            _stroke(pixels, (x, y), (x, y + arm * low), line * 0.8, max(1, unit // 360))
    return pixels


_GROUNDS: Final[dict[Ground, Callable[[Style, int, int, Seed], Pixels]]] = {
    "mesh": _mesh,
    "pastel": _pastel,
    "black": _black,
    "cream": _cream,
    "blueprint": _blueprint,
}


def _rgb(hue: float, saturation: float, value: float) -> np.ndarray:
    return np.array(color(hue, saturation, value), dtype=np.float32)


def _places(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    across = np.arange(width, dtype=np.float32)[None, :] / width
    down = np.arange(height, dtype=np.float32)[:, None] / height
    return across, down


def _slope(one: np.ndarray, two: np.ndarray, width: int, height: int) -> Pixels:
    across, down = _places(width, height)
    share = (0.4 * across + 0.6 * down)[..., None]
    return (1 - share) * one + share * two


def _blob(
    pixels: Pixels,
    target: np.ndarray,
    seed: Seed,
    strength: tuple[float, float],
    at: tuple[float, float] | None = None,
) -> None:
    """A soft spot of another colour."""
    height, width = pixels.shape[:2]
    across, down = _places(width, height)
    aspect = width / height
    x, y = at or (seed.uniform(0, 1), seed.uniform(0, 1))
    radius = seed.uniform(0.16, 0.34)
    distance = ((across - x) * min(aspect, 1)) ** 2 + ((down - y) / max(aspect, 1)) ** 2
    share = np.exp(-distance / (2 * radius**2)) * seed.uniform(*strength)
    pixels += share[..., None] * (target - pixels)


def _ring(pixels: Pixels, center: tuple[float, float], radius: float, share: float) -> None:
    """A thin circle, lighter (or darker, below 0) than what is behind."""
    mask = np.zeros(pixels.shape[:2], np.uint8)
    thick = max(1, min(mask.shape) // 360)
    cv2.circle(
        mask, _fixed(center), round(radius * 2**_SHIFT), 255, thick, cv2.LINE_AA, shift=_SHIFT
    )
    pixels += (mask.astype(np.float32) * share)[..., None]


def _dots(pixels: Pixels, seed: Seed, unit: int) -> None:
    height, width = pixels.shape[:2]
    step = unit * 0.042
    left = seed.uniform(0, max(1, width - step * 9))
    top = seed.uniform(0, max(1, height * 0.7 - step * 6))
    mask = np.zeros((height, width), np.uint8)
    for column in range(8):
        for row in range(6):
            center = _fixed((left + column * step, top + row * step))
            radius = round(unit * 0.0035 * 2**_SHIFT)
            cv2.circle(mask, center, radius, 40, -1, cv2.LINE_AA, shift=_SHIFT)
    pixels += mask.astype(np.float32)[..., None] * 0.9


def _stroke(
    pixels: Pixels,
    start: tuple[float, float],
    end: tuple[float, float],
    target: np.ndarray,
    thick: int,
) -> None:
    mask = np.zeros(pixels.shape[:2], np.uint8)
    cv2.line(mask, _fixed(start), _fixed(end), 255, thick, cv2.LINE_AA, shift=_SHIFT)
    pixels += (mask.astype(np.float32) / 255)[..., None] * (target - pixels)


def _fixed(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0] * 2**_SHIFT), round(point[1] * 2**_SHIFT)
