"""Where sound is silent, to hold captions against."""

from itertools import pairwise

import numpy as np

from media_worker.speech.loudness import FRAME_MS, frames

_SHORTEST = 4  # frames


def silences(sound: np.ndarray, rate: int, *, faint: float = 0.004) -> list[tuple[int, int]]:
    """Stretches below ``faint`` (of full scale) in ms, from 100 ms on."""
    found: list[tuple[int, int]] = []
    start = None
    for place, silent in enumerate([*(frames(sound, rate) < faint), False]):
        if silent and start is None:
            start = place
        elif not silent and start is not None:
            if place - start >= _SHORTEST:
                found.append((start * FRAME_MS, place * FRAME_MS))
            start = None
    return found


def unheard(spoken: list[tuple[int, int]], quiet: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pauses of 200 ms and more between ``spoken`` stretches (ms) that are not where the sound is
    silent, to ±60 ms; fails when there are less than two pauses to look at.
    """
    pauses = [(end, start) for (_, end), (start, _) in pairwise(spoken) if start - end >= 200]
    assert len(pauses) >= 2
    return [
        (end, start)
        for end, start in pauses
        if not any(abs(a - end) <= 60 and abs(b - start) <= 60 for a, b in quiet)
    ]
