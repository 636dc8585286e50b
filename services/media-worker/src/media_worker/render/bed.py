"""The bed of music below a voice: as long as the video, quieter while somebody talks."""

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import av
import av.error
import numpy as np

from media_worker.render import music
from media_worker.render.music import RATE, Wave
from shared.errors import StageError
from shared.looks import is_mood

# Below the voice's loudness: where nobody talks, and how much further while somebody does.
UNDER_DB: Final = 9.0
DUCK_DB: Final = 11.0
FADE_IN_S: Final = 1.2
FADE_OUT_S: Final = 2.0
# The music gives way before a word begins, and waits after one ended; then it takes its time.
_BEFORE_S: Final = 0.25
_AFTER_S: Final = 0.55
_RAMP_S: Final = 0.35
_STEPS: Final = 100  # of the control curve, a second
_TALKING: Final = 0.05  # of the voice's own loud parts
_OWN_MOST_S: Final = 300
_OWN_LEAST_S: Final = 2.0
_SEAM_S: Final = 1.5
_BLOCK_S: Final = 10


def loop(kind: str, own: Path | None, seed: str, target: Path) -> Path:
    """A piece that can be repeated without a seam, as a 16-bit stereo WAV."""
    if is_mood(kind):
        sound = music.loop(kind, seed)
    elif own is not None:
        sound = _seamless(_decoded(own))
    else:
        raise StageError("music_unreadable", f"no music called {kind!r}", retryable=False)
    with _opened(target) as file:
        file.writeframes(_sixteen(sound))
    return target


def ducked(piece: Path, voices: Path, level: float, target: Path) -> Path:
    """The piece repeated for as long as ``voices`` lasts, faded in and out, below the voice.

    ``level``: what brings the piece to the voice's loudness, in dB. Written in blocks: a long
    video's bed is never in memory as a whole.
    """
    sound = _samples(piece)
    curve = gains(voices, level)
    total = round(len(curve) * RATE / _STEPS)
    with _opened(target) as file:
        for start in range(0, total, _BLOCK_S * RATE):
            places = np.arange(start, min(start + _BLOCK_S * RATE, total))
            gain = np.interp(places * (_STEPS / RATE), np.arange(len(curve)), curve)
            file.writeframes(_sixteen(sound[places % len(sound)] * gain[:, None]))
    return target


def gains(voices: Path, level: float) -> np.ndarray:
    """The music's factor at each hundredth of a second."""
    talking = _talking(voices)
    high, low = level - UNDER_DB, level - UNDER_DB - DUCK_DB
    decibels = high + (low - high) * _smoothed(talking)
    seconds = np.arange(len(talking)) / _STEPS
    left = (len(talking) - 1) / _STEPS - seconds
    fade = np.clip(seconds / FADE_IN_S, 0, 1) * np.clip(left / FADE_OUT_S, 0, 1)
    return (10 ** (decibels / 20) * fade * fade * (3 - 2 * fade)).astype(np.float32)


def _talking(voices: Path) -> np.ndarray:
    """1 where somebody talks or is about to or has just done so, else 0."""
    loud = np.array(list(_loudness(voices)), np.float32)
    count = len(loud)
    spoken = loud > max(60.0, float(np.quantile(loud, 0.95)) * _TALKING)
    wide = np.zeros(count, np.float32)
    for place in np.flatnonzero(spoken):
        first = max(0, place - round((_BEFORE_S + _RAMP_S / 2) * _STEPS))
        wide[first : place + round((_AFTER_S + _RAMP_S / 2) * _STEPS)] = 1
    return wide


def _loudness(voices: Path) -> Iterator[float]:
    """Of each hundredth of a second, as 16-bit samples go; read in pieces."""
    with wave.open(str(voices), "rb") as file:
        per = file.getframerate() // _STEPS
        while body := file.readframes(per * _BLOCK_S * _STEPS):
            sound = np.frombuffer(body, "<i2").astype(np.float32)
            padded = np.pad(sound, (0, -len(sound) % per)).reshape(-1, per)
            yield from np.sqrt(np.mean(padded * padded, axis=1)).tolist()


def _smoothed(steps: np.ndarray) -> np.ndarray:
    """Ramps instead of jumps."""
    window = np.hanning(round(_RAMP_S * _STEPS) + 2)[1:-1]
    padded = np.pad(steps, len(window), mode="edge")
    soft = np.convolve(padded, window / window.sum(), "same")
    return soft[len(window) : len(window) + len(steps)]


def _decoded(path: Path) -> Wave:
    """The first minutes of any sound file, as stereo at 48 kHz."""
    pieces, length = list[np.ndarray](), 0
    try:
        for piece in _pieces(path):
            pieces.append(piece)
            length += len(piece)
            if length >= _OWN_MOST_S * RATE:
                break
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise StageError("music_unreadable", str(error), retryable=False) from error
    if length < _OWN_LEAST_S * RATE:
        raise StageError("music_unreadable", "less than two seconds of sound", retryable=False)
    return np.concatenate(pieces)[: _OWN_MOST_S * RATE]


def _pieces(path: Path) -> Iterator[np.ndarray]:
    """Only what is said in the file is opened: no playlists, no network."""
    opened: Any = av.open
    options = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}
    with opened(str(path), options=options) as container:
        if not container.streams.audio:
            raise ValueError("no sound in the file")
        resampler: Any = av.AudioResampler(format="flt", layout="stereo", rate=RATE)
        for frame in container.decode(container.streams.audio[0]):
            for piece in resampler.resample(frame):
                yield piece.to_ndarray().reshape(-1, 2)
        for piece in resampler.resample(None):
            yield piece.to_ndarray().reshape(-1, 2)


_FORMATS: Final = "mp3,wav,flac,ogg,aac,mov,mp4,m4a,matroska,webm,aiff"


def _seamless(sound: Wave) -> Wave:
    """The end blended into the beginning, at constant power."""
    seam = min(round(_SEAM_S * RATE), len(sound) // 4)
    share = np.linspace(0, np.pi / 2, seam, dtype=np.float32)[:, None]
    joined = sound[:-seam].copy()
    joined[:seam] = sound[:seam] * np.sin(share) + sound[-seam:] * np.cos(share)
    most = float(np.abs(joined).max())
    return joined if most <= 1 else joined / most


def _opened(target: Path) -> wave.Wave_write:
    file = wave.open(str(target), "wb")  # noqa: SIM115  (the caller closes it)
    file.setnchannels(2)
    file.setsampwidth(2)
    file.setframerate(RATE)
    return file


def _sixteen(sound: np.ndarray) -> bytes:
    return (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()


def _samples(path: Path) -> np.ndarray:
    with wave.open(str(path), "rb") as file:
        body = file.readframes(file.getnframes())
    return np.frombuffer(body, "<i2").reshape(-1, 2).astype(np.float32) / 32768
