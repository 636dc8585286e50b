"""Where sound is silent, to hold captions and words against."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from media_worker.speech.loudness import FRAME_MS, frames

_SHORTEST = 4  # frames
_PAUSE_MS = 200
_NEAR_MS = 60
Stretch = tuple[int, int]


def silences(sound: np.ndarray, rate: int, *, faint: float = 0.004) -> list[Stretch]:
    """Stretches below ``faint`` (of full scale) in ms, from 100 ms on."""
    found: list[Stretch] = []
    start = None
    for place, silent in enumerate([*(frames(sound, rate) < faint), False]):
        if silent and start is None:
            start = place
        elif not silent and start is not None:
            if place - start >= _SHORTEST:
                found.append((start * FRAME_MS, place * FRAME_MS))
            start = None
    return found


def begins_and_ends(sound: np.ndarray, rate: int, *, faint: float = 0.004) -> Stretch:
    """When the first thing is heard and when the last (ms)."""
    loud = np.flatnonzero(frames(sound, rate) >= faint)
    return int(loud[0]) * FRAME_MS, (int(loud[-1]) + 1) * FRAME_MS


def unheard(
    spoken: Sequence[Stretch], quiet: Sequence[Stretch], *, least: int = _PAUSE_MS
) -> list[Stretch]:
    """Pauses of ``least`` ms and more between ``spoken`` stretches (ms) that are not where the
    sound is silent, to ±60 ms; fails when there are less than two pauses to look at.
    """
    pauses = [(end, start) for (_, end), (start, _) in pairwise(spoken) if start - end >= least]
    assert len(pauses) >= 2
    return [
        (end, start)
        for end, start in pauses
        if not any(near(a, end) and near(b, start) for a, b in quiet)
    ]


def unmarked(
    starts: Sequence[int], quiet: Sequence[Stretch], inside: Stretch, *, least: int = _PAUSE_MS
) -> list[int]:
    """Where somebody speaks on after a silence of ``least`` ms and more ``inside`` the speech, and
    none of ``starts`` (ms) is near; fails when there are less than two such places.
    """
    onsets = [end for start, end in quiet if end - start >= least and inside[0] < end < inside[1]]
    assert len(onsets) >= 2
    return [onset for onset in onsets if not any(near(onset, start) for start in starts)]


def near(one: int, other: int) -> bool:
    return abs(one - other) <= _NEAR_MS
