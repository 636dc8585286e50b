"""Text → pieces with their sounds: what the model is asked to say, and what is shown meanwhile.

Pure: how an English word sounds by itself is asked for.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from media_worker.speech.kokoro import english, pinyin
from media_worker.speech.text.chinese import units as chinese_units
from media_worker.speech.text.english import units as english_units
from media_worker.speech.text.units import HANZI, Unit
from shared.messages.base import Language

_TOKENS: Final = re.compile(rf"[{HANZI}]+|[A-Za-z\u00c0-\u024f'’]+|[，,]")
_HANZI: Final = re.compile(rf"[{HANZI}]")
# Marks that the model knows; it pauses and turns its melody by them.
_MARKS: Final = {
    **dict.fromkeys("，、,", ","),
    **dict.fromkeys("。.．｡", "."),
    **dict.fromkeys("！!", "!"),
    **dict.fromkeys("？?", "?"),
    **dict.fromkeys("；;", ";"),
    **dict.fromkeys("：:", ":"),
    **dict.fromkeys("—–", "—"),
    "…": "…",
    "\n": ".",
    **dict.fromkeys("（(）)", ","),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """``sound`` in the model's letters; empty for what is not heard."""

    shown: str
    sound: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Atom:
    """One syllable of hanzi, one Latin word or one mark, of the unit with this index."""

    unit: int
    sound: str
    letter: str = ""
    begins: bool = True


def pieces(text: str, language: Language, alone: english.Alone) -> tuple[Piece, ...]:
    """The text cut into what is said at once; joined, the pieces are the text again."""
    cut = chinese_units(text) if language == "zh-CN" else english_units(text)
    atoms = list(_atoms(cut, alone))
    found: list[Piece] = []
    for index, unit in enumerate(cut):
        own = [atom for atom in atoms if atom.unit == index]
        if unit.shown == unit.said and own and all(atom.letter for atom in own):
            found += _by_word(own)
        else:
            found.append(Piece(shown=unit.shown, sound=_joined(own)))
    return tuple(found)


def _by_word(atoms: Sequence[_Atom]) -> Iterator[Piece]:
    start = 0
    for end in range(1, len(atoms) + 1):
        if end == len(atoms) or atoms[end].begins:
            own = atoms[start:end]
            yield Piece(shown="".join(atom.letter for atom in own), sound=_joined(own))
            start = end


def _joined(atoms: Sequence[_Atom]) -> str:
    """A blank stands in front of each word, none in front of a mark."""
    return "".join((" " if atom.begins else "") + atom.sound for atom in atoms)


def _atoms(units: Sequence[Unit], alone: english.Alone) -> Iterator[_Atom]:
    """Runs of one script are read as a whole, over the borders of units, since the neighbours tell
    how a character or a word is said.
    """
    run: list[tuple[int, str]] = []
    kind = ""
    for index, unit in enumerate(units):
        for token in _tokens(unit):
            own = _kind(token)
            if run and own != kind:
                yield from _said(run, kind, alone)
                run = []
            kind = own
            run.append((index, token))
    if run:
        yield from _said(run, kind, alone)


def _tokens(unit: Unit) -> list[str]:
    if unit.said:
        return _TOKENS.findall(unit.said)
    marks = [_MARKS[sign] for sign in unit.shown if sign in _MARKS]
    return marks[:1]


def _kind(token: str) -> str:
    if _HANZI.match(token):
        return "hanzi"
    return "word" if token[0].isalpha() or token[0] in "'’" else "mark"


def _said(run: Sequence[tuple[int, str]], kind: str, alone: english.Alone) -> Iterator[_Atom]:
    if kind == "mark":
        unit, sign = run[0]
        yield _Atom(unit=unit, sound=_MARKS[sign], begins=False)
    elif kind == "word":
        said = english.pronounced([token for _, token in run], alone)
        for (unit, token), sound in zip(run, said, strict=True):
            yield _Atom(unit=unit, sound=sound, begins=token[0] not in "'’")
    else:
        yield from _hanzi(run)


def _hanzi(run: Sequence[tuple[int, str]]) -> Iterator[_Atom]:
    letters = [(unit, letter) for unit, token in run for letter in token]
    whole = "".join(letter for _, letter in letters)
    starts = {0}
    for word in pinyin.words(whole):
        starts.add(max(starts) + len(word))
    said = pinyin.readings(whole)
    for place, ((unit, letter), syllable) in enumerate(zip(letters, said, strict=True)):
        yield _Atom(unit=unit, sound=pinyin.sounds(syllable), letter=letter, begins=place in starts)
