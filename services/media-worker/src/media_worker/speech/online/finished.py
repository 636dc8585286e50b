"""A provider's sound and words as every voice hands them over. Pure."""

import io
from collections.abc import Sequence
from typing import Final

import av
import numpy as np
from av.error import FFmpegError

from media_worker.speech.cues import cued
from media_worker.speech.loudness import FRAME_MS, heard, levelled, pcm
from media_worker.speech.port import Spoken
from media_worker.speech.wav import wav
from shared.messages.manifest import Word

RATE: Final = 24_000
_MARGIN: Final = 1


def decoded(sound: bytes) -> np.ndarray:
    """Any sound file as floats at 24 kHz, one channel; raises ValueError for what is none."""
    try:
        with av.open(io.BytesIO(sound), mode="r") as file:
            resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
            parts = [
                part.to_ndarray().ravel()
                for frame in file.decode(audio=0)
                for part in resampler.resample(frame)
            ]
            parts += [part.to_ndarray().ravel() for part in resampler.resample(None)]
    except (FFmpegError, IndexError) as broken:
        raise ValueError("no sound that can be decoded") from broken
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def finished(
    samples: np.ndarray, words: Sequence[Word], cost: dict[str, float] | None = None
) -> Spoken | None:
    """Without the silence at both ends, as loud as every voice; None when nothing is heard."""
    loud = heard(samples, RATE)
    if not len(loud):
        return None
    size = RATE * FRAME_MS // 1000
    first = max(0, int(loud[0]) - _MARGIN) * size
    last = min(len(samples), (int(loud[-1]) + 1 + _MARGIN) * size)
    cut_ms = first * 1000 // RATE
    length_ms = (last - first) * 1000 // RATE
    kept = [
        word.model_copy(
            update={
                "start_ms": min(max(0, word.start_ms - cut_ms), length_ms),
                "end_ms": min(max(0, word.end_ms - cut_ms), length_ms),
            }
        )
        for word in words
    ]
    body = pcm(levelled(samples[first:last], RATE))
    return Spoken(wav=wav(body, RATE), duration_ms=length_ms, cues=cued(kept), cost=cost)
