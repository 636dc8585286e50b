"""Sound whose words are known to the millisecond: a tone a word, silence between clauses."""

import io
import re
from dataclasses import dataclass

import av
import numpy as np

RATE = 24_000
LEAD_MS = 200
CLAUSE_MS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Tones:
    """``words``: (text, start ms, length ms)."""

    samples: np.ndarray
    words: tuple[tuple[str, int, int], ...]

    @property
    def pcm(self) -> bytes:
        return (self.samples * 32767).astype("<i2").tobytes()

    @property
    def mp3(self) -> bytes:
        body = io.BytesIO()
        with av.open(body, "w", format="mp3") as file:
            stream = file.add_stream("libmp3lame", rate=RATE, layout="mono", bit_rate=48_000)
            frame = av.AudioFrame.from_ndarray(
                (self.samples * 32767).astype(np.int16).reshape(1, -1), format="s16", layout="mono"
            )
            frame.rate = RATE
            for packet in (*stream.encode(frame), *stream.encode(None)):
                file.mux(packet)
        return body.getvalue()


def tones(text: str) -> Tones:
    """Each hanzi takes 200 ms, each Latin word 80 ms a letter; a mark is a pause."""
    parts, words = [_silence(LEAD_MS)], list[tuple[str, int, int]]()
    at = LEAD_MS
    for piece in re.findall(r"[\u4e00-\u9fff]|[A-Za-z0-9']+|[，。！？,.!?]", text):
        if piece in "，。！？,.!?":
            parts.append(_silence(CLAUSE_MS))
            at += CLAUSE_MS
            continue
        length = 200 if "\u4e00" <= piece <= "\u9fff" else 80 * len(piece)
        words.append((piece, at, length))
        parts.append(_tone(length))
        at += length
    return Tones(samples=np.concatenate([*parts, _silence(LEAD_MS)]), words=tuple(words))


def _silence(ms: int) -> np.ndarray:
    return np.zeros(RATE * ms // 1000, np.float32)


def _tone(ms: int) -> np.ndarray:
    time = np.arange(RATE * ms // 1000) / RATE
    return (0.4 * np.sin(2 * np.pi * 220 * time)).astype(np.float32)
