"""Hanzi → pinyin in context → the model's letters for Mandarin sounds. Pure."""

import re
from functools import cache
from typing import Final

import rjieba  # pyright: ignore[reportMissingTypeStubs]
from pypinyin import Style, lazy_pinyin
from pypinyin.contrib.tone_convert import to_finals, to_initials, to_normal

from media_worker.speech.kokoro.polyphones import CONTEXTS, PHRASES

_INITIALS: Final = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l",
    "g": "k", "k": "kʰ", "h": "x", "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "zh": "ꭧ", "ch": "ꭧʰ",
    "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s", "": "",
}  # fmt: skip
# The tone's arrow stands where 0 is: after the vowel that carries it.
_FINALS: Final = {
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0", "e": "ɤ0", "ei": "ei0",
    "en": "ə0n", "eng": "ə0ŋ", "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ",
    "iao": "jau0", "ie": "je0", "in": "i0n", "iou": "jou0", "ing": "i0ŋ", "iong": "jʊ0ŋ",
    "ong": "ʊ0ŋ", "ou": "ou0", "u": "u0", "uei": "wei0", "ua": "wa0", "uai": "wai0",
    "uan": "wa0n", "uen": "wə0n", "uang": "wa0ŋ", "ueng": "wə0ŋ", "uo": "wo0", "o": "wo0",
    "ü": "y0", "üe": "ɥe0", "üan": "ɥɛ0n", "ün": "y0n",
}  # fmt: skip
_WHOLE: Final = {
    "er": "ɚ0", "o": "ɔ0", "ê": "ɛ0", "io": "jɔ0", "yo": "jɔ0", "m": "m0", "n": "n0",
    "ng": "ŋ0", "hm": "hm0", "hng": "hŋ0",
}  # fmt: skip
_TONES: Final = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_BUZZING: Final = frozenset({"zh", "ch", "sh", "r", "z", "c", "s"})


def words(hanzi: str) -> list[str]:
    """The words of a run of hanzi; together they are the run again."""
    return list(rjieba.cut(hanzi, False))  # noqa: FBT003  (no guessing of new words)


def readings(hanzi: str) -> list[str]:
    """One syllable with its tone (5 is neutral) a character: 银行 → yin2 hang2."""
    said: list[str] = []
    for word in words(hanzi):
        known = PHRASES.get(word)
        said += known.split() if known else _dictionary(word)
    for pattern, reading in CONTEXTS:
        for match in pattern.finditer(hanzi):
            said[match.start()] = reading
    return said


def _dictionary(word: str) -> list[str]:
    said = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
    if len(said) == len(word):
        return said
    return [
        lazy_pinyin(letter, style=Style.TONE3, neutral_tone_with_five=True)[0] for letter in word
    ]


@cache
def sounds(syllable: str) -> str:
    """The model's letters for one syllable; empty for what is no pinyin (a rare character)."""
    if not re.fullmatch(r"[a-zêü]+[1-5]", syllable):
        return ""
    tone, plain = _TONES[syllable[-1]], to_normal(syllable[:-1])
    if plain in _WHOLE:
        return _WHOLE[plain].replace("0", tone)
    initial = to_initials(plain, strict=True)
    final = to_finals(plain, strict=True, v_to_u=True)
    if initial in _BUZZING and final == "i":
        return f"{_INITIALS[initial]}ɨ{tone}"
    if initial not in _INITIALS or final not in _FINALS:
        return ""
    return _INITIALS[initial] + _FINALS[final].replace("0", tone)
