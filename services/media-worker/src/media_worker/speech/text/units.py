"""The pieces of a text: what is shown, and what is said for it. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

HANZI: Final = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
PLAIN: Final = re.compile(rf"[{HANZI}]+|[^\W\d_{HANZI}]+(?:['’][^\W\d_{HANZI}]+)*|\s+|.", re.DOTALL)


# Full-width letters, figures and signs are read as the usual ones.
_NARROW: Final = {code: code - 0xFEE0 for code in range(0xFF05, 0xFF5B) if code != 0xFF0C}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """``shown`` stands in the caption, ``said`` is heard: words of hanzi and letters alone, no
    figures. A unit without ``said`` is silent (marks, blanks, emoji).
    """

    shown: str
    said: str = ""


def scanned(text: str, rules: Sequence[Rule], plain: Callable[[str], str]) -> tuple[Unit, ...]:
    """The text cut into units that join to it again: by the first rule that matches at a place,
    else a run of hanzi, a word or a single sign, said as ``plain`` says.
    """
    return tuple(_scan(text, rules, plain))


def _scan(text: str, rules: Sequence[Rule], plain: Callable[[str], str]) -> Iterator[Unit]:
    narrow = text.translate(_NARROW)
    at = 0
    while at < len(text):
        length, said = _next(narrow, at, rules) or _plain(narrow, at, plain)
        yield Unit(shown=text[at : at + length], said=said)
        at += length


def _next(text: str, at: int, rules: Sequence[Rule]) -> tuple[int, str] | None:
    for pattern, said in rules:
        if (match := pattern.match(text, at)) and match.group():
            return len(match.group()), said(match)
    return None


def _plain(text: str, at: int, plain: Callable[[str], str]) -> tuple[int, str]:
    match = PLAIN.match(text, at)
    piece = match.group() if match else text[at]
    return len(piece), plain(piece)
