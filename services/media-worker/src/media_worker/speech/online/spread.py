"""Where the words lie in a sound whose maker does not tell: by their sounds' number, held to the
pauses that are heard. Pure.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from media_worker.speech.kokoro.pieces import Piece, pieces
from media_worker.speech.loudness import FRAME_MS, heard
from shared.messages.base import Language
from shared.messages.manifest import Word

_PAUSE_FRAMES: Final = 5
_MARKS: Final = frozenset(",.!?;:…—")
_UNHEARD: Final = frozenset(" →↗↓↘ˈˌ")


def spread(text: str, language: Language, samples: np.ndarray, rate: int) -> list[Word]:
    """Words that are together the whole text, in the time in which something is heard.

    Between two pauses each word gets time by the number of its sounds; a clause's end is put at the
    pause nearest to where it is expected.
    """
    found = pieces(text, language, lambda word: word)
    loud = heard(samples, rate)
    if not len(loud):
        return [Word(start_ms=0, end_ms=0, text=piece.shown) for piece in found]
    weights = [_weight(piece) for piece in found]
    return _placed(found, weights, _anchors(found, weights, loud))


def _weight(piece: Piece) -> int:
    return sum(letter not in _UNHEARD and letter not in _MARKS for letter in piece.sound)


def _anchors(
    found: Sequence[Piece], weights: Sequence[int], loud: np.ndarray
) -> list[tuple[int, int, int]]:
    """(piece, end of the speech before it, start of the speech behind it), in frames."""
    first, last = int(loud[0]), int(loud[-1]) + 1
    steps = np.flatnonzero(np.diff(loud) > _PAUSE_FRAMES)
    gaps = [(int(loud[step]) + 1, int(loud[step + 1])) for step in steps]
    whole = sum(weights) or 1
    anchors = [(0, first, first)]
    for index, piece in enumerate(found):
        if piece.sound[-1:] not in _MARKS or not 0 < sum(weights[index:]) < whole:
            continue
        expected = first + (last - first) * sum(weights[:index]) / whole
        near = [gap for gap in gaps if gap[0] >= anchors[-1][2]]
        if near:
            gap = min(near, key=lambda gap: abs(sum(gap) / 2 - expected))
            if abs(sum(gap) / 2 - expected) <= (last - first) / 8 + gap[1] - gap[0]:
                anchors.append((index, *gap))
    return [*anchors, (len(found), last, last)]


def _placed(
    found: Sequence[Piece], weights: Sequence[int], anchors: Sequence[tuple[int, int, int]]
) -> list[Word]:
    words: list[Word] = []
    for (begin, _, start), (end, stop, _) in pairwise(anchors):
        whole, told = sum(weights[begin:end]) or 1, 0
        for piece, weight in zip(found[begin:end], weights[begin:end], strict=True):
            opened = start + (stop - start) * told / whole
            told += weight
            closed = start + (stop - start) * told / whole
            words.append(
                Word(
                    start_ms=round(opened * FRAME_MS),
                    end_ms=round(closed * FRAME_MS),
                    text=piece.shown,
                )
            )
    return words
