"""The look: one hue a scene, its mesh gradient, its accent."""

import colorsys
import hashlib
import json
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from shared.messages.script import Card

Color = tuple[int, int, int]
Picture = Image.Image

INK: Final[Color] = (255, 255, 255)
DARK: Final[Color] = (16, 18, 34)
# Blues to magentas look best behind white; olive (0.03 to 0.12) never comes up.
_SOFT: Final = (0.48, 0.80)
_ACCENT: Final = 0.66  # relative luminance of the accent
# Relative luminance behind text: white on it is above 9:1, on a panel above 4.5:1.
_BRIGHTEST: Final = 0.055


def hue_of(heading: str, card: Card) -> float:
    """A hue out of the scene's content, the same wherever the scene stands."""
    text = json.dumps([heading, card.model_dump(mode="json")], ensure_ascii=False, sort_keys=True)
    share = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) / 2**32
    low, high = _SOFT
    return low + (high - low) * share + (0.16 if share > 0.85 else 0.0)


def color(hue: float, saturation: float, value: float) -> Color:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def accent_of(hue: float) -> Color:
    """The one complementary colour, as strong as it may be: dark text reads on it, and it on the
    dark.
    """
    saturation = 0.42
    while luminance(np.array(color(hue + 0.46, saturation, 1.0))) < _ACCENT and saturation > 0:
        saturation -= 0.02
    return color(hue + 0.46, saturation, 1.0)


def background(width: int, height: int, hue: float) -> Picture:
    """A dark mesh of neighbouring hues with vignette, rings, dots and fine grain against
    banding.
    """
    seed = np.random.default_rng(round(hue * 1e6))
    across, down = np.meshgrid(np.arange(width) / width, np.arange(height) / height)
    slope = (0.4 * across + 0.6 * down)[..., None]
    mesh = (1 - slope) * _rgb(hue, 0.78, 0.34) + slope * _rgb(hue + 0.09, 0.82, 0.14)
    aspect = width / height
    for _ in range(5):
        x, y, radius = seed.uniform(0, 1), seed.uniform(0, 1), seed.uniform(0.16, 0.34)
        distance = ((across - x) * min(aspect, 1)) ** 2 + ((down - y) / max(aspect, 1)) ** 2
        blob = np.exp(-distance / (2 * radius**2))[..., None]
        target = _rgb(hue + seed.uniform(-0.09, 0.11), 0.8, 0.62)
        mesh += blob * (target - mesh) * seed.uniform(0.3, 0.6)
    mesh *= 1 - 0.85 * ((across - 0.5) ** 2 + (down - 0.5) ** 2)[..., None]
    mesh = _darkened(mesh) + seed.normal(0, 1.5, (height, width, 1))
    picture = Image.fromarray(np.clip(mesh, 0, 255).astype(np.uint8)).convert("RGBA")
    return Image.alpha_composite(picture, _ornaments(width, height, seed))


def _rgb(hue: float, saturation: float, value: float) -> np.ndarray:
    return np.array(color(hue, saturation, value), dtype=float)


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Relative luminance as WCAG 2 defines it, of values 0–255."""
    share = np.asarray(rgb, dtype=float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def _darkened(mesh: np.ndarray) -> np.ndarray:
    """Scales down what is too bright for white text, softly."""
    bright = luminance(np.clip(mesh, 0, 255))
    factor = np.minimum(1, (_BRIGHTEST / np.maximum(bright, 1e-6)) ** (1 / 2.2))
    return mesh * factor[..., None]


def _ornaments(width: int, height: int, seed: np.random.Generator) -> Picture:
    layer = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(layer)
    unit = min(width, height)
    for _ in range(3):
        x, y = seed.uniform(0, width), seed.uniform(0, height)
        radius = seed.uniform(0.2, 0.5) * unit
        for ring in range(3):
            wide = radius + ring * unit * 0.025
            edge = (x - wide, y - wide, x + wide, y + wide)
            draw.ellipse(edge, outline=(255, 255, 255, 26 - ring * 8), width=max(1, unit // 360))
    step = unit * 0.042
    left = seed.uniform(0, max(1, width - step * 9))
    top = seed.uniform(0, max(1, height * 0.7 - step * 6))
    dot = unit * 0.0035
    for column in range(8):
        for row in range(6):
            x, y = left + column * step, top + row * step
            draw.ellipse((x - dot, y - dot, x + dot, y + dot), fill=(255, 255, 255, 40))
    return layer
