"""Words that a provider heard itself say → pieces that are together the whole text. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from shared.messages.manifest import Word

_SAYABLE: Final = re.compile(r"[^\W_]")
# What may stand unspoken behind the last word: emoji have no letters, a sign or two may be dropped.
_MOST_LEFT: Final = 12
_FARTHEST: Final = 40  # a short word further on is another one


def matched(text: str, heard: Sequence[Word]) -> list[Word]:
    """Each word with what stands before it up to the word before; times as heard.

    Raises ValueError when the words end long before the text does: the reply was cut.
    """
    words: list[Word] = []
    at = 0
    for one in heard:
        place = text.find(one.text, at, at + len(one.text) + _FARTHEST)
        if place < 0:
            continue  # said otherwise than written; its time goes to its neighbours
        if place > at:
            words += _between(text[at:place], words, one.start_ms)
        words.append(one)
        at = place + len(one.text)
    rest = text[at:]
    if len(_SAYABLE.findall(rest)) > _MOST_LEFT:
        raise ValueError(f"the words end at character {at} of {len(text)}")
    return words + (_between(rest, words, heard[-1].end_ms if heard else 0) if rest else [])


def _between(text: str, before: Sequence[Word], until: int) -> list[Word]:
    """Marks and blanks take no time; what is unmatched but sayable lies between its neighbours."""
    start = before[-1].end_ms if before else 0
    if _SAYABLE.search(text):
        return [Word(start_ms=start, end_ms=max(start, until), text=text)]
    return [Word(start_ms=start, end_ms=start, text=sign) for sign in text]
