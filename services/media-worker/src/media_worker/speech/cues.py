"""Clauses with their times → captions that fit the screen. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from shared.messages.manifest import Cue

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
