"""How long a text takes to be spoken: a plain estimate, good enough to plan a video's length.

The rates are those of calm narration: 4.6 hanzi (or kana) a second, 2.6 words a second of
anything written with letters, 3.5 digits a second, half a second for a percent sign, a quarter
of a second of pause for each punctuation mark, and 1.2 s of air around each scene.
"""

import re
from collections.abc import Iterable
from math import ceil
from typing import Final

HANZI_PER_SECOND: Final = 4.6
WORDS_PER_SECOND: Final = 2.6
DIGITS_PER_SECOND: Final = 3.5
PERCENT_SECONDS: Final = 0.5
PAUSE_SECONDS: Final = 0.25
SCENE_SECONDS: Final = 1.2

_LONGEST_WORD: Final = 14  # letters; what is longer (addresses, Thai) counts as several words
_HANZI: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_DIGIT: Final = re.compile(r"\d")
_PERCENT: Final = re.compile(r"[%％‰]")
_PAUSE: Final = re.compile(r"[，、。！？；：,.!?;:…—؟،۔।]+(?!\d)")


def seconds(text: str) -> float:
    """Seconds of ``text`` spoken, without the air of its scene. A run of marks is one pause."""
    hanzi = len(_HANZI.findall(text))
    words = sum(ceil(len(word) / _LONGEST_WORD) for word in _WORD.findall(_HANZI.sub(" ", text)))
    return (
        hanzi / HANZI_PER_SECOND
        + words / WORDS_PER_SECOND
        + len(_DIGIT.findall(text)) / DIGITS_PER_SECOND
        + len(_PERCENT.findall(text)) * PERCENT_SECONDS
        + len(_PAUSE.findall(text)) * PAUSE_SECONDS
    )


def total(narrations: Iterable[str]) -> float:
    """Seconds of a whole script, one narration a scene."""
    return sum(seconds(narration) + SCENE_SECONDS for narration in narrations)
