"""``python -m media_worker.speech.child``: reads clauses and a speed as JSON, writes raw 16-bit
sound and where each clause lies.

A process of its own, since libespeak-ng keeps one global state and blocks while it speaks.
"""

import ctypes
import json
import struct
import sys
from typing import Any, Final

import espeakng_loader  # pyright: ignore[reportMissingTypeStubs]
import numpy as np

from shared.runtime.parent import die_with_parent

_SYNCHRONOUS: Final = 2
_UTF8: Final = 1
_RATE, _RANGE = 1, 4
_QUIET: Final = 0.008
_KEEP_MS: Final = 25
WORDS_A_MINUTE: Final = {"cmn": 195, "en-us": 134}

_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Espeak:
    """libespeak-ng by ctypes: speech as floats at ``rate`` samples a second."""

    def __init__(self) -> None:
        self._lib = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.rate: int = self._lib.espeak_Initialize(_SYNCHRONOUS, 0, data, 0)
        if self.rate <= 0:
            raise RuntimeError("libespeak-ng did not start")
        self._pcm = bytearray()
        self._callback = _Callback(self._take)
        self._lib.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._pcm.extend(ctypes.string_at(samples, count * 2))
        return 0

    def speak(self, voice: str, text: str, speed: float) -> np.ndarray:
        """One run, without the silence at its ends."""
        self._pcm.clear()
        if self._lib.espeak_SetVoiceByName(voice.encode()):
            raise RuntimeError(f"libespeak-ng has no voice {voice}")
        self._lib.espeak_SetParameter(_RATE, round(WORDS_A_MINUTE[voice] * speed), 0)
        body = text.encode()
        self._lib.espeak_Synth(body, len(body) + 1, 0, 1, 0, _UTF8, None, None)
        self._lib.espeak_Synchronize()
        return trimmed(
            np.frombuffer(bytes(self._pcm), np.int16).astype(np.float32) / 32768, self.rate
        )


def trimmed(sound: np.ndarray, rate: int) -> np.ndarray:
    loud = np.flatnonzero(np.abs(sound) > _QUIET)
    if not len(loud):
        return sound[:0]
    keep = rate * _KEEP_MS // 1000
    return sound[max(0, loud[0] - keep) : loud[-1] + keep]


def main() -> None:
    die_with_parent()
    job: dict[str, Any] = json.load(sys.stdin)
    speed: float = job["speed"]
    espeak = Espeak()
    parts: list[np.ndarray] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for clause in job["clauses"]:
        sounds = [espeak.speak(run["voice"], run["text"], speed) for run in clause["runs"]]
        pause = np.zeros(int(espeak.rate * clause["pause_ms"] / speed) // 1000, np.float32)
        length = sum(map(len, sounds))
        spans.append((at * 1000 // espeak.rate, (at + length) * 1000 // espeak.rate))
        parts += [*sounds, pause]
        at += length + len(pause)
    sound = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    peak = float(np.abs(sound).max()) if len(sound) else 0.0
    pcm = (sound * (0.7 / peak if peak else 1) * 32767).astype(np.int16).tobytes()
    head = json.dumps({"rate": espeak.rate, "spans": spans, "peak": peak}).encode()
    sys.stdout.buffer.write(struct.pack("<I", len(head)) + head + pcm)


if __name__ == "__main__":
    main()
