"""Samples made as loud as speech should be, and where something is heard in them. Pure."""

from typing import Final

import numpy as np

FRAME_MS: Final = 25
_QUIET: Final = 0.006
# Speech itself, its pauses left out: about −20 dBFS; the assembly brings the whole to −16 LUFS.
_TARGET: Final = 0.1
_PEAK: Final = 0.95


def frames(samples: np.ndarray, rate: int) -> np.ndarray:
    """The level (root mean square) of each 25 ms."""
    size = rate * FRAME_MS // 1000
    whole = samples[: len(samples) // size * size].reshape(-1, size)
    return np.sqrt((whole.astype(np.float64) ** 2).mean(axis=1)) if len(whole) else np.zeros(0)


def heard(samples: np.ndarray, rate: int) -> np.ndarray:
    """The numbers of the 25 ms frames in which something is heard."""
    return np.flatnonzero(frames(samples, rate) > _QUIET)


def levelled(samples: np.ndarray, rate: int) -> np.ndarray:
    """The same loudness for every scene and speaker; no peak above 0.95."""
    loud = frames(samples, rate)
    loud = loud[loud > _QUIET]
    if not len(loud):
        return samples
    level = float(np.sqrt((loud**2).mean()))
    peak = float(np.abs(samples).max())
    return samples * min(_TARGET / level, _PEAK / peak)


def pcm(samples: np.ndarray) -> bytes:
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
