"""All sound of a video, made once: voices at their places, −16 LUFS, no peak above −1.5 dBTP."""

import re
import subprocess
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import imageio_ffmpeg  # pyright: ignore[reportMissingTypeStubs]
import numpy as np

from media_worker.render.port import FPS

TARGET_LUFS: Final = -16.0
_PEAK: Final = 0.80  # −1.9 dBFS at 192 kHz: the encoder's overshoot stays below −1.5 dBTP
_RATE: Final = 48_000
_CLOSE: Final = 0.3
_SILENT: Final = -60.0


def track(voices: Sequence[Path], starts: Sequence[int], frames: int, target: Path) -> Path:
    """One mono WAV as long as the video, each voice beginning at its frame."""
    rate = _rate_of(voices[0])
    mix = np.zeros(frames * rate // FPS, np.float32)
    for voice, start in zip(voices, starts, strict=True):
        sound, own = _read(voice)
        if own != rate:
            raise ValueError(f"voices of {rate} and {own} samples a second in one video")
        at = start * rate // FPS
        room = len(mix) - at
        mix[at : at + len(sound)] += sound[:room]
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(mix, -1, 1) * 32767).astype(np.int16).tobytes())
    return target


def mastered(source: Path, target: Path, told: Callable[[], None] = lambda: None) -> float:
    """AAC at the target loudness; answers the loudness measured on what came out, in LUFS.

    Gain, a limiter at four times the rate (true peaks lie between samples), and another look: what
    the
    limiter took is added until it is within 0.3 LU.
    """
    gain = TARGET_LUFS - max(measured(source), _SILENT)
    loudness = _SILENT
    for _ in range(4):
        chain = (
            f"highpass=f=60,volume={gain:.2f}dB,aresample=192000,"
            f"alimiter=limit={_PEAK}:level=false:attack=2:release=60,aresample={_RATE},"
            "aformat=channel_layouts=stereo"
        )
        _ffmpeg("-i", source, "-af", chain, "-c:a", "aac", "-b:a", "160k", target)
        told()
        loudness = measured(target)
        if abs(loudness - TARGET_LUFS) <= _CLOSE or loudness <= _SILENT:
            break
        gain += TARGET_LUFS - loudness
    return loudness


def measured(path: Path) -> float:
    """Integrated loudness by EBU R 128, in LUFS."""
    report = _ffmpeg("-i", path, "-af", "ebur128=framelog=quiet", "-f", "null", "-")
    found = re.findall(r"I:\s+(-?[\d.]+|-inf) LUFS", report)
    return float(found[-1]) if found and found[-1] != "-inf" else _SILENT


def _ffmpeg(*arguments: str | Path) -> str:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-hide_banner", "-nostats"]
    done = subprocess.run(  # noqa: S603  (our own arguments)
        [*command, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"ffmpeg ended with {done.returncode}: {done.stderr[-800:]}")
    return done.stderr


def _rate_of(path: Path) -> int:
    with wave.open(str(path), "rb") as file:
        return file.getframerate()


def _read(path: Path) -> tuple[np.ndarray, int]:
    with wave.open(str(path), "rb") as file:
        body = file.readframes(file.getnframes())
        return np.frombuffer(body, np.int16).astype(np.float32) / 32768, file.getframerate()
