"""English words → the model's letters. Pure: how a word sounds by itself is asked for."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from media_worker.speech.kokoro.heteronyms import BEFORE_VERB, NOUN_VERB, READ_PAST, WEAK

Alone = Callable[[str], str]

_VOWELS: Final = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻɐe")
# espeak's IPA, ties kept → the model's letters; in this order.
_LETTERS: Final = (
    ("ʔn̩", "tᵊn"),
    ("a͡ɪ", "I"),
    ("a͡ʊ", "W"),
    ("e͡ɪ", "A"),
    ("o͡ʊ", "O"),
    ("ɔ͡ɪ", "Y"),
    ("d͡ʒ", "ʤ"),
    ("t͡ʃ", "ʧ"),
    ("ə͡l", "ᵊl"),
    ("ɜː", "ɜɹ"),
    ("ɚ", "əɹ"),
    ("ɪə", "iə"),
    ("n̩", "ᵊn"),
    ("l̩", "ᵊl"),
    ("ɡ̩", "ɡ"),
    ("r", "ɹ"),
    ("x", "k"),
    ("ç", "k"),
    ("ɬ", "l"),
    ("ɐ", "ə"),
    ("ɾ", "T"),
    ("ʔ", "t"),
    ("͡", ""),
    ("ː", ""),
    ("̃", ""),
    ("ʲ", ""),
    ("-", ""),
)


def letters(ipa: str) -> str:
    """espeak's American English in the model's letters; words it cut apart are joined."""
    for old, new in _LETTERS:
        ipa = ipa.replace(old, new)
    return re.sub(r"(?<=ɜɹ)ɹ", "", "".join(ipa.split()))


def pronounced(words: Sequence[str], alone: Alone) -> list[str]:
    """The sounds of each word of a stretch, in its place among the others."""
    plain = [word.replace("’", "'") for word in words]
    said: list[str] = []
    after = ""
    for index in range(len(plain) - 1, -1, -1):
        after = _one(plain, index, after, alone)
        said.insert(0, after)
    return said


def _one(words: Sequence[str], index: int, after: str, alone: Alone) -> str:
    word = words[index]
    low = word.lower()
    before = words[index - 1].lower() if index else ""
    if len(word) == 1 and word.isupper():
        return alone(word)
    if low in ("the", "to"):
        vowel = after.lstrip("ˈˌ")[:1] in _VOWELS if after else low == "to"
        return {"the": ("ðə", "ði"), "to": ("tə", "tʊ")}[low][vowel]
    if low in NOUN_VERB:
        return NOUN_VERB[low][before in BEFORE_VERB]
    if low == "read":
        return "ɹˈɛd" if before in READ_PAST else "ɹˈid"
    return WEAK.get(low) or alone(word)
