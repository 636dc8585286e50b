"""Colours, and what eyes make of them."""

import colorsys
import hashlib
import json

import numpy as np

from shared.messages.script import Card, PictureCard

Color = tuple[int, int, int]
# With opacity, 0–255.
Tint = tuple[int, int, int, int]


def content_share(heading: str, card: Card) -> float:
    """A number 0..1 out of the scene's content, the same wherever the scene stands."""
    content = card.model_dump(mode="json", exclude={"prompt", "take"})
    if isinstance(card, PictureCard):
        content["picture"] = card.picture.path if card.picture else None
    text = json.dumps([heading, content], ensure_ascii=False, sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) / 2**32


def color(hue: float, saturation: float, value: float) -> Color:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Relative luminance as WCAG 2 defines it, of values 0–255."""
    share = np.asarray(rgb, dtype=np.float32) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def contrast(one: float, two: float) -> float:
    """WCAG 2's ratio of two relative luminances."""
    light, dark = max(one, two), min(one, two)
    return (light + 0.05) / (dark + 0.05)
