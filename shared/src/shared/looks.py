"""What a user may choose from: the themes and the music, with their names in both languages."""

import re
from dataclasses import dataclass
from typing import Final

from shared.messages.base import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """``id`` is what projects and commands carry; the texts are for people."""

    id: str
    name: dict[Language, str]
    about: dict[Language, str]


def _choice(id: str, chinese: tuple[str, str], english: tuple[str, str]) -> Choice:  # noqa: A002
    return Choice(
        id=id,
        name={"zh-CN": chinese[0], "en": english[0]},
        about={"zh-CN": chinese[1], "en": english[1]},
    )


DEFAULT_THEME: Final = "auto"
NO_MUSIC: Final = "none"
THEMES: Final[tuple[Choice, ...]] = (
    _choice(
        "auto",
        ("流光", "深色渐变，每一幕的色调由内容决定"),
        ("Aurora", "Dark gradients, each scene in a hue of its own"),
    ),
    _choice(
        "paper",
        ("白纸", "明亮的浅色背景，白色卡片，左对齐"),
        ("Paper", "Bright and airy, white cards, set to the left"),
    ),
    _choice(
        "bold",
        ("醒目", "纯黑背景，特大标题，一种高亮色"),
        ("Bold", "Black, very large headings, one loud colour"),
    ),
    _choice(
        "editorial",
        ("书卷", "暖色纸张，宋体，细线分隔"),
        ("Editorial", "Warm paper, serif letters, hairlines"),
    ),
    _choice(
        "grid",
        ("蓝图", "深蓝网格，细线框，适合技术内容"),
        ("Blueprint", "A dark blue grid and fine outlines, for technical matters"),
    ),
)
MUSIC: Final[tuple[Choice, ...]] = (
    _choice(NO_MUSIC, ("无", "只有配音"), ("None", "The voice alone")),
    _choice("calm", ("舒缓", "柔和的长音与零星的钟声"), ("Calm", "Soft long chords, a few bells")),
    _choice("bright", ("明快", "轻快的拨弦"), ("Bright", "Light plucked strings")),
    _choice("tense", ("紧张", "低沉的脉动"), ("Tense", "A low pulse")),
)
# How a user's own music is named: the path of its bytes in the artifact store.
_OWN_MUSIC: Final = re.compile(r"^blob/[0-9a-f]{64}\.[a-z0-9]{1,5}$")


def is_theme(value: str) -> bool:
    return any(theme.id == value for theme in THEMES)


def is_mood(value: str) -> bool:
    """Whether ``value`` names one of the built-in beds."""
    return value != NO_MUSIC and any(mood.id == value for mood in MUSIC)


def is_own_music(value: str) -> bool:
    """Whether ``value`` is the path of an uploaded piece of music."""
    return _OWN_MUSIC.match(value) is not None


def is_music(value: str) -> bool:
    """Whether a video may be asked for with this ``music``."""
    return value == NO_MUSIC or is_mood(value) or is_own_music(value)
