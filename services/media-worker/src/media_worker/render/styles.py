"""The themes: what each sets differently. All of them are drawn by the same code."""

import colorsys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from media_worker.render.boxes import Frame, Page
from media_worker.render.color import Color, Tint, color, content_share, luminance
from media_worker.render.fonts import Face
from shared.errors import StageError
from shared.messages.script import Card

Ground = Literal["mesh", "pastel", "black", "cream", "blueprint"]
WHITE: Final[Color] = (255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What things stand on. ``radius`` in shares of the unit; ``frosted`` blurs what is behind."""

    fill: Tint
    line: Tint
    radius: float = 0.022
    frosted: bool = False
    shadow: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One scene's look. ``row`` says whether lists have cards or hairlines; ``hue`` and ``seed``
    are for the ground.
    """

    ground: Ground
    ink: Color
    soft: Color
    accent: Color
    on_accent: Color
    panel: Panel
    bar: Tint
    trough: Tint
    hair: Tint
    halo: Color
    caption_edge: Color
    caption_accent: Color
    hue: float = 0.6
    seed: int = 0
    face: Face = "sans"
    align: Literal["center", "left"] = "center"
    heading: float = 0.092
    rule: tuple[float, float] = (0.11, 0.009)
    row: Literal["card", "hairline"] = "card"
    badge_radius: float = 0.5
    shadow: float = 0.0

    def page(self, frame: Frame) -> Page:
        return Page(
            frame=frame, face=self.face, align=self.align, heading=self.heading, rule=self.rule
        )


def style_of(theme: str, heading: str, card: Card) -> Style:
    """The look of a scene; a theme that this version does not know is refused."""
    made = _THEMES.get(theme)
    if made is None:
        raise StageError("theme_unknown", f"no theme {theme!r}", retryable=False)
    return made(content_share(heading, card))


def soft_hue(share: float) -> float:
    """Blues to magentas look best behind white; olive (0.03 to 0.12) never comes up."""
    return 0.48 + 0.32 * share + (0.16 if share > 0.85 else 0.0)


def _auto(share: float) -> Style:
    hue = soft_hue(share)
    accent = _loud(hue + 0.46)
    return Style(
        ground="mesh",
        hue=hue,
        seed=round(hue * 1e6),
        ink=WHITE,
        soft=(226, 228, 240),
        accent=accent,
        on_accent=(16, 18, 34),
        panel=Panel(fill=(255, 255, 255, 20), line=(255, 255, 255, 72), frosted=True),
        bar=(255, 255, 255, 190),
        trough=(255, 255, 255, 34),
        hair=(255, 255, 255, 60),
        halo=color(hue, 0.8, 0.2),
        caption_edge=(8, 12, 28),
        caption_accent=accent,
        shadow=0.55,
    )


def _loud(hue: float) -> Color:
    """As strong as it may be: dark text reads on it, and it on the dark."""
    saturation = 0.42
    while luminance(np.array(color(hue, saturation, 1.0))) < 0.66 and saturation > 0:
        saturation -= 0.02
    return color(hue, saturation, 1.0)


_PAPER: Final[Sequence[Color]] = (
    (29, 78, 216),
    (176, 20, 84),
    (4, 110, 78),
    (168, 48, 6),
    (109, 40, 217),
)


def _paper(share: float) -> Style:
    accent = _one_of(_PAPER, share)
    return Style(
        ground="pastel",
        hue=_hue(accent),
        seed=round(share * 1e6),
        ink=(22, 27, 42),
        soft=(74, 82, 104),
        accent=accent,
        on_accent=WHITE,
        panel=Panel(fill=(255, 255, 255, 235), line=(20, 30, 60, 22), radius=0.026, shadow=0.20),
        bar=(120, 130, 155, 255),
        trough=(20, 30, 60, 20),
        hair=(20, 30, 60, 46),
        halo=(250, 251, 254),
        caption_edge=WHITE,
        caption_accent=accent,
        align="left",
        heading=0.096,
        rule=(0.16, 0.013),
    )


_NEON: Final[Sequence[Color]] = (
    (250, 214, 40),
    (168, 236, 60),
    (60, 220, 244),
    (255, 128, 148),
    (255, 158, 74),
)


def _bold(share: float) -> Style:
    accent = _one_of(_NEON, share)
    return Style(
        ground="black",
        hue=_hue(accent),
        seed=round(share * 1e6),
        ink=WHITE,
        soft=(196, 199, 206),
        accent=accent,
        on_accent=(12, 12, 14),
        panel=Panel(fill=(34, 35, 40, 255), line=(0, 0, 0, 0), radius=0.0),
        bar=(122, 125, 134, 255),
        trough=(40, 41, 47, 255),
        hair=(255, 255, 255, 50),
        halo=(14, 14, 17),
        caption_edge=(8, 8, 10),
        caption_accent=accent,
        align="left",
        heading=0.12,
        rule=(0.0, 0.0),
        badge_radius=0.0,
    )


_WARM: Final[Sequence[Color]] = ((158, 52, 28), (38, 84, 66), (40, 66, 112), (120, 40, 78))


def _editorial(share: float) -> Style:
    accent = _one_of(_WARM, share)
    return Style(
        ground="cream",
        hue=_hue(accent),
        seed=round(share * 1e6),
        ink=(45, 33, 26),
        soft=(96, 78, 64),
        accent=accent,
        on_accent=(250, 243, 232),
        panel=Panel(fill=(255, 251, 243, 150), line=(90, 66, 44, 60), radius=0.0),
        bar=(163, 140, 116, 255),
        trough=(90, 66, 44, 26),
        hair=(90, 66, 44, 84),
        halo=(246, 237, 224),
        caption_edge=(252, 247, 238),
        caption_accent=accent,
        face="serif",
        heading=0.1,
        rule=(0.34, 0.004),
        row="hairline",
    )


_SIGNAL: Final[Sequence[Color]] = ((94, 226, 250), (252, 206, 84), (110, 234, 178))


def _grid(share: float) -> Style:
    accent = _one_of(_SIGNAL, share)
    return Style(
        ground="blueprint",
        hue=_hue(accent),
        seed=round(share * 1e6),
        ink=(236, 243, 252),
        soft=(176, 194, 218),
        accent=accent,
        on_accent=(7, 18, 34),
        panel=Panel(fill=(9, 24, 44, 205), line=(126, 168, 214, 150), radius=0.006),
        bar=(108, 142, 184, 255),
        trough=(126, 168, 214, 40),
        hair=(126, 168, 214, 96),
        halo=(9, 24, 44),
        caption_edge=(4, 12, 24),
        caption_accent=accent,
        align="left",
        heading=0.086,
        rule=(0.06, 0.012),
        badge_radius=0.14,
    )


_THEMES: Final[dict[str, Callable[[float], Style]]] = {
    "auto": _auto,
    "paper": _paper,
    "bold": _bold,
    "editorial": _editorial,
    "grid": _grid,
}


def _one_of(colors: Sequence[Color], share: float) -> Color:
    return colors[min(len(colors) - 1, int(share * len(colors)))]


def _hue(of: Color) -> float:
    return colorsys.rgb_to_hsv(*(value / 255 for value in of))[0]
