"""All sound of a video, made once: voices at their places, music below them, −16 LUFS, no peak
above −1.5 dBTP.
"""

import re
import subprocess
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import imageio_ffmpeg  # pyright: ignore[reportMissingTypeStubs]
import numpy as np

from media_worker.render import bed
from media_worker.render.port import FPS, HANDLE, LEAD, AssemblyJob
from shared.looks import NO_MUSIC
from shared.runtime.parent import die_with_parent

TARGET_LUFS: Final = -16.0
PEAK_DBTP: Final = -1.5
RATE: Final = 48_000
# The limiter's first ceiling: what the encoder may add stays below PEAK_DBTP.
_CEILING_DB: Final = -2.0
_MARGIN_DB: Final = 0.1
_CLOSE: Final = 0.3
_SILENT: Final = -60.0
_BOTH_SIDES: Final = "pan=stereo|c0=c0|c1=c0"  # as loud on each as it was in the middle
_TRIES: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """By EBU R 128: integrated loudness in LUFS, the highest true peak in dBTP."""

    lufs: float
    peak: float


def made(
    job: AssemblyJob,
    starts: Sequence[int],
    frames: int,
    folder: Path,
    told: Callable[[], None] = lambda: None,
) -> float:
    """``sound.m4a`` in the folder; answers its measured loudness in LUFS."""
    voices = track([part.voice_path for part in job.parts], starts, frames, folder / "voices.wav")
    told()
    sources = [voices]
    if job.music != NO_MUSIC:
        loop = bed.loop(job.music, job.music_path, job.title, folder / "loop.wav")
        level = max(measured(voices).lufs, _SILENT) - max(measured(loop).lufs, _SILENT)
        sources.append(bed.ducked(loop, voices, level, folder / "music.wav"))
    told()
    return mastered(sources, folder / "sound.m4a", told)


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


def spoken(picture: Path, voice: Path, frames: int, target: Path) -> None:
    """A picture track of one clip with its voice, not mastered: for previews."""
    heard = track([voice], [HANDLE + LEAD], frames, target.with_suffix(".wav"))
    _ffmpeg(
        *("-i", picture, "-i", heard, "-map", "0:v", "-map", "1:a", "-c:v", "copy"),
        *("-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart", target),
    )


def mastered(
    sources: Sequence[Path], target: Path, told: Callable[[], None] = lambda: None
) -> float:
    """The sources (a mono voice, and perhaps a stereo bed) mixed as they are, as stereo AAC at the
    target loudness; answers the loudness measured on what came out, in LUFS.

    Gain, a limiter at four times the rate (true peaks lie between samples), and another look: what
    the limiter took is added until it is within 0.3 LU, what the encoder put on top of its ceiling
    is taken off it.
    """
    gain, ceiling = TARGET_LUFS - _loudness(sources), _CEILING_DB
    found = Measured(lufs=_SILENT, peak=0.0)
    for _ in range(_TRIES):
        arguments = [word for source in sources for word in ("-i", source)]
        chain = _chain(len(sources), gain, ceiling)
        codec = ("-map", "[out]", "-c:a", "aac", "-b:a", "160k")
        _ffmpeg(*arguments, "-filter_complex", chain, *codec, target)
        told()
        found = measured(target)
        over = found.peak - (PEAK_DBTP - _MARGIN_DB)
        if found.lufs <= _SILENT or (abs(found.lufs - TARGET_LUFS) <= _CLOSE and over <= 0):
            break
        gain += TARGET_LUFS - found.lufs
        ceiling -= max(0.0, over)
    return found.lufs


def measured(path: Path) -> Measured:
    """A single channel is spread over both sides, each 3 dB lower."""
    chain = "aformat=channel_layouts=stereo,ebur128=peak=true:framelog=quiet"
    return _reading(_ffmpeg("-i", path, "-af", chain, "-f", "null", "-"))


def _loudness(sources: Sequence[Path]) -> float:
    """Of the sources' mix, at least −60 LUFS."""
    arguments = [word for source in sources for word in ("-i", source)]
    chain = _mixed(len(sources)) + "ebur128=dualmono=true:framelog=quiet[out]"
    report = _ffmpeg(*arguments, "-filter_complex", chain, "-map", "[out]", "-f", "null", "-")
    return max(_reading(report).lufs, _SILENT)


def _mixed(count: int) -> str:
    """The voice (a mono of any rate), and with what lies below it a stereo; ends with a comma."""
    voice = f"[0:a]highpass=f=60,aresample={RATE},"
    if count == 1:
        return voice
    below = "[voice];[voice][1:a]amix=inputs=2:normalize=0:duration=first,"
    return f"{voice}aformat=channel_layouts=stereo{below}"


def _chain(count: int, gain: float, ceiling: float) -> str:
    limit = 10 ** (ceiling / 20)
    return (
        f"{_mixed(count)}volume={gain:.2f}dB,aresample=192000,"
        f"alimiter=limit={limit:.4f}:level=false:attack=2:release=60,aresample={RATE},"
        f"{_BOTH_SIDES if count == 1 else 'anull'}[out]"
    )


def _reading(report: str) -> Measured:
    loudness = re.findall(r"I:\s+(-?[\d.]+|-inf|nan) LUFS", report)
    peaks = re.findall(r"Peak:\s+(-?[\d.]+|-inf|nan) dBFS", report)
    return Measured(
        lufs=_number(loudness[-1]) if loudness else _SILENT,
        peak=_number(peaks[-1]) if peaks else _SILENT,
    )


def _number(text: str) -> float:
    return _SILENT if text in {"-inf", "nan"} else float(text)


def _ffmpeg(*arguments: str | Path) -> str:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-hide_banner", "-nostats"]
    done = subprocess.run(  # noqa: S603  (our own arguments)
        [*command, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=die_with_parent,
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
