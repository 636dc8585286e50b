"""Clauses with their times → captions that fit the screen. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from shared.messages.manifest import Cue, Word

# In Latin letters (a Chinese character counts two): two lines on a narrow screen.
MOST_WIDTH: Final = 40
_MARKS: Final = "，。！？；：、,.!?;:…"


def width(text: str) -> int:
    """Wide characters count two."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def captions(spans: Sequence[tuple[int, int, str]]) -> tuple[Cue, ...]:
    """One cue a clause (start ms, end ms, text); long ones are cut and share the time by their
    width.
    """
    cues: list[Cue] = []
    for start, end, text in spans:
        parts = cut(text)
        whole = sum(map(width, parts)) or 1
        at = 0
        for part in parts:
            begin = start + (end - start) * at // whole
            at += width(part)
            cues.append(Cue(start_ms=begin, end_ms=start + (end - start) * at // whole, text=part))
    return tuple(cues)


def cut(text: str) -> list[str]:
    """Pieces of about equal width, none above ``MOST_WIDTH``; never inside a Latin word or before
    a mark.
    """
    count = -(-width(text) // MOST_WIDTH)
    if count <= 1:
        return [text]
    units = re.findall(r"[A-Za-z0-9'’.%\-]+\s*|\s+|.", text, re.DOTALL)
    goal, pieces, piece = width(text) / count, list[str](), ""
    for unit in units:
        full = width(piece) >= goal or width(piece + unit.rstrip()) > MOST_WIDTH
        if piece and full and unit not in _MARKS:
            pieces.append(piece.strip())
            piece = ""
        piece += unit
        while width(piece) > MOST_WIDTH + 2:  # one word longer than a caption
            pieces.append(piece[:MOST_WIDTH])
            piece = piece[MOST_WIDTH:]
    if piece.strip():
        pieces.append(piece.strip())
    return [piece for piece in pieces if piece]


_CLAUSE_END: Final = re.compile(r"[，。！？；：…,.!?;:\n][”’」』）)\"'\s]*$")
_ABBREVIATED: Final = re.compile(r"(?:\b[A-Za-z]\.[A-Za-z]\.|\b(?:Dr|Mr|Mrs|Ms|Prof|vs)\.)\s*$")
_OPENING: Final = "“‘「『（(《【\"'"


def cued(words: Sequence[Word]) -> tuple[Cue, ...]:
    """Words with their times → captions of a clause each, the long ones cut between words into
    parts of about equal width. Marks and blanks go with the word before them, opening quotes with
    the word behind.
    """
    cues: list[Cue] = []
    clause: list[Word] = []
    for word in _whole_words(words):
        clause += _short_enough(word)
        if _CLAUSE_END.search(word.text) and not _ABBREVIATED.search(word.text):
            cues += map(_cue, _lines(clause))
            clause = []
    cues += map(_cue, _lines(clause))
    return tuple(cues)


def _lines(clause: Sequence[Word]) -> list[list[Word]]:
    whole = width("".join(word.text for word in clause).strip())
    goal = whole / max(1, -(-whole // MOST_WIDTH))
    lines: list[list[Word]] = []
    at = MOST_WIDTH + 1
    for word in clause:
        own = width(word.text)
        if at + width(word.text.rstrip()) > MOST_WIDTH or at + own / 2 > goal:
            lines.append([])
            at = 0
        lines[-1].append(word)
        at += own
    return lines


def _whole_words(words: Sequence[Word]) -> list[Word]:
    joined: list[Word] = []
    ahead = ""
    for word in words:
        if word.end_ms > word.start_ms:
            joined.append(word.model_copy(update={"text": ahead + word.text}))
            ahead = ""
        elif ahead or not joined or word.text in _OPENING:
            ahead += word.text
        else:
            joined[-1] = joined[-1].model_copy(update={"text": joined[-1].text + word.text})
    if ahead and joined:
        joined[-1] = joined[-1].model_copy(update={"text": joined[-1].text + ahead})
    return joined


def _short_enough(word: Word) -> list[Word]:
    """A word longer than a caption in parts that share its time."""
    count = -(-width(word.text.strip()) // MOST_WIDTH)
    if count <= 1:
        return [word]
    size = -(-len(word.text) // count)
    length = word.end_ms - word.start_ms
    return [
        Word(
            start_ms=word.start_ms + length * at // len(word.text),
            end_ms=word.start_ms + length * min(at + size, len(word.text)) // len(word.text),
            text=word.text[at : at + size],
        )
        for at in range(0, len(word.text), size)
    ]


def _cue(line: Sequence[Word]) -> Cue:
    """The words' texts are the cue's whole text: blanks at its ends are dropped from both."""
    texts = [word.text for word in line]
    texts[0], texts[-1] = texts[0].lstrip(), texts[-1].rstrip()
    if len(texts) == 1:
        texts = ["".join(word.text for word in line).strip()]
    words = tuple(
        word.model_copy(update={"text": text}) for word, text in zip(line, texts, strict=True)
    )
    return Cue(start_ms=line[0].start_ms, end_ms=line[-1].end_ms, text="".join(texts), words=words)
