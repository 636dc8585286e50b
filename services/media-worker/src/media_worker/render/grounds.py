"""What lies behind everything: one painter a ground, out of the same few strokes."""

from collections.abc import Callable, Sequence
from typing import Final

import cv2
import numpy as np

from media_worker.render.color import color, luminance
from media_worker.render.styles import Ground, Style

Seed = np.random.Generator
Point = tuple[float, float]
Line = tuple[Point, Point]
Ring = tuple[Point, float, int]
Pixels = np.ndarray  # height × width × 3, float, 0–255
# Relative luminance behind white text: white on it is above 9:1, on a panel above 4.5:1.
_BRIGHTEST: Final = 0.055
_SOFT: Final = 4  # how much smaller soft things are drawn
_SHIFT: Final = 4  # cv2 draws at sixteenths of a pixel


def ground(style: Style, width: int, height: int) -> np.ndarray:
    """The bare ground as 8-bit RGB, the same for the same style and size."""
    seed = np.random.default_rng(style.seed)
    pixels = _GROUNDS[style.ground](style, width, height, seed)
    grain = seed.standard_normal((height, width, 1), dtype=np.float32)  # against banding
    pixels += 1.5 * grain
    return np.clip(pixels, 0, 255, out=pixels).astype(np.uint8)


def _mesh(style: Style, width: int, height: int, seed: Seed) -> Pixels:
    """A dark mesh of neighbouring hues with vignette, rings and dots."""
    hue, aspect = style.hue, width / height
    soft = _slope(_rgb(hue, 0.78, 0.34), _rgb(hue + 0.09, 0.82, 0.14), width, height)
    for _ in range(5):
        target = _rgb(hue + seed.uniform(-0.09, 0.11), 0.8, 0.62)
        _blob(soft, target, aspect, seed, strength=(0.3, 0.6))
    across, down = _places(soft)
    soft *= 1 - 0.85 * ((across - 0.5) ** 2 + (down - 0.5) ** 2)[..., None]
    bright = luminance(np.clip(soft, 0, 255))
    soft *= np.minimum(1, (_BRIGHTEST / np.maximum(bright, 1e-6)) ** (1 / 2.2))[..., None]
    pixels = _grown(soft, width, height)
    unit = min(width, height)
    rings: list[Ring] = []
    for _ in range(3):
        center = seed.uniform(0, width), seed.uniform(0, height)
        radius = seed.uniform(0.2, 0.5) * unit
        rings += [(center, radius + n * unit * 0.025, 26 - 8 * n) for n in range(3)]
    _add(pixels, _ringed(width, height, rings) + _dotted(width, height, seed))
    return pixels


def _pastel(style: Style, width: int, height: int, seed: Seed) -> Pixels:
    """Nearly white, with faint colours in the corners."""
    white = np.array([252, 253, 255], np.float32)
    soft = _slope(white, _rgb(style.hue, 0.045, 0.985), width, height)
    for x, y, turn in ((0.98, 0.02, 0.0), (0.0, 1.0, 0.10), (1.0, 0.95, -0.10)):
        target = _rgb(style.hue + turn, 0.24, 1.0)
        _blob(soft, target, width / height, seed, strength=(0.55, 0.75), at=(x, y))
    pixels = _grown(soft, width, height)
    unit, corner = min(width, height), (width * 0.99, height * 0.02)
    rings: list[Ring] = [(corner, unit * (0.16 + 0.07 * n), 9) for n in range(4)]
    _add(pixels, -_ringed(width, height, rings))
    return pixels


def _black(style: Style, width: int, height: int, seed: Seed) -> Pixels:  # noqa: ARG001
    """Flat black, one bar of colour at the edge, slanted strokes in a corner."""
    pixels = np.empty((height, width, 3), np.float32)
    pixels[:] = (14, 14, 17)
    unit, accent = min(width, height), np.array(style.accent, np.float32)
    thick = max(2, round(unit * 0.011))
    starts = [width - unit * (0.05 + 0.036 * n) for n in range(7)]
    lines = [((x, -thick), (x + unit * 0.3, unit * 0.3 - thick)) for x in starts]
    _strokes(pixels, lines, accent * 0.26, thick)
    pixels[:, : round(width * 0.028)] = accent
    return pixels


def _cream(style: Style, width: int, height: int, seed: Seed) -> Pixels:  # noqa: ARG001
    """Warm paper with its fibres, ruled above."""
    light, dark = np.array([248, 240, 228]), np.array([242, 230, 213])
    pixels = _grown(_slope(light, dark, width, height), width, height)
    shape = (max(2, height // 6), max(2, width // 6))
    fibres = seed.standard_normal(shape, dtype=np.float32) * 1.3
    _add(pixels, cv2.resize(fibres, (width, height), interpolation=cv2.INTER_CUBIC))
    unit = min(width, height)
    heights = (height * 0.042, height * 0.042 + unit * 0.011)
    lines = [((width * 0.045, y), (width * 0.955, y)) for y in heights]
    _strokes(pixels, lines, np.array([150, 116, 84]), max(1, round(unit * 0.0022)))
    return pixels


def _blueprint(style: Style, width: int, height: int, seed: Seed) -> Pixels:  # noqa: ARG001
    """Deep blue under a fine grid, marks at its corners."""
    light, dark = np.array([12, 33, 62]), np.array([6, 16, 33])
    pixels = _grown(_slope(light, dark, width, height), width, height)
    unit, line = min(width, height), np.array([126, 168, 214], np.float32)
    for axis, length in ((1, width), (0, height)):
        for number in range(-40, 41):
            place = round(length / 2 + number * unit / 18)
            if 0 <= place < length:
                strip = pixels[:, place] if axis else pixels[place]
                strip += (line - strip) * (0.13 if number % 4 == 0 else 0.055)
    arm, off = unit * 0.035, unit * 0.05
    corners = [(x, y) for x in (off, width - off) for y in (off, height - off)]
    inward = [(arm if x == off else -arm, arm if y == off else -arm) for x, y in corners]
    lines = [
        end
        for (x, y), (right, low) in zip(corners, inward, strict=True)
        for end in (((x, y), (x + right, y)), ((x, y), (x, y + low)))
    ]
    _strokes(pixels, lines, line * 0.8, max(1, unit // 360))
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


def _places(pixels: Pixels) -> tuple[np.ndarray, np.ndarray]:
    """Each column's and each row's share of the width and the height."""
    height, width = pixels.shape[:2]
    across = (np.arange(width, dtype=np.float32)[None, :] + 0.5) / width
    return across, (np.arange(height, dtype=np.float32)[:, None] + 0.5) / height


def _slope(one: np.ndarray, two: np.ndarray, width: int, height: int) -> Pixels:
    """A gradient, at a quarter of the size: soft things need no more."""
    pixels = np.empty((-(-height // _SOFT), -(-width // _SOFT), 3), np.float32)
    across, down = _places(pixels)
    share = (0.4 * across + 0.6 * down)[..., None]
    pixels[:] = (1 - share) * one.astype(np.float32) + share * two.astype(np.float32)
    return pixels


def _grown(soft: Pixels, width: int, height: int) -> Pixels:
    return cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)


def _blob(  # noqa: PLR0913  (a spot, its place, its chance)
    soft: Pixels,
    target: np.ndarray,
    aspect: float,
    seed: Seed,
    *,
    strength: tuple[float, float],
    at: tuple[float, float] | None = None,
) -> None:
    """A soft spot of another colour."""
    across, down = _places(soft)
    x, y = at or (seed.uniform(0, 1), seed.uniform(0, 1))
    radius = seed.uniform(0.16, 0.34)
    distance = ((across - x) * min(aspect, 1)) ** 2 + ((down - y) / max(aspect, 1)) ** 2
    share = np.exp(-distance / (2 * radius**2)) * seed.uniform(*strength)
    soft += share[..., None] * (target - soft)


def _add(pixels: Pixels, light: np.ndarray) -> None:
    pixels += light[..., None]


def _ringed(width: int, height: int, rings: Sequence[Ring]) -> np.ndarray:
    """Thin circles (centre, radius, strength 0–255)."""
    mask = np.zeros((height, width), np.uint8)
    thick = max(1, min(width, height) // 360)
    for center, radius, strength in rings:
        fine = round(radius * 2**_SHIFT)
        cv2.circle(mask, _fixed(center), fine, strength, thick, cv2.LINE_AA, shift=_SHIFT)
    return mask.astype(np.float32)


def _dotted(width: int, height: int, seed: Seed) -> np.ndarray:
    """A small field of dots somewhere in the upper part."""
    unit = min(width, height)
    step = unit * 0.042
    left = seed.uniform(0, max(1, width - step * 9))
    top = seed.uniform(0, max(1, height * 0.7 - step * 6))
    radius = round(unit * 0.0035 * 2**_SHIFT)
    mask = np.zeros((height, width), np.uint8)
    for column in range(8):
        for row in range(6):
            center = _fixed((left + column * step, top + row * step))
            cv2.circle(mask, center, radius, 36, -1, cv2.LINE_AA, shift=_SHIFT)
    return mask.astype(np.float32)


def _strokes(pixels: Pixels, lines: Sequence[Line], target: np.ndarray, thick: int) -> None:
    mask = np.zeros(pixels.shape[:2], np.uint8)
    for start, end in lines:
        cv2.line(mask, _fixed(start), _fixed(end), 255, thick, cv2.LINE_AA, shift=_SHIFT)
    rows, columns = np.nonzero(mask)
    share = (mask[rows, columns].astype(np.float32) / 255)[:, None]
    under = pixels[rows, columns]
    pixels[rows, columns] = under + share * (target.astype(np.float32) - under)


def _fixed(point: Point) -> tuple[int, int]:
    return round(point[0] * 2**_SHIFT), round(point[1] * 2**_SHIFT)
