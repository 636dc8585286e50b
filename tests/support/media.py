"""Real clips and videos for tests, and instruments to measure them."""

import asyncio
import re
import subprocess
import wave
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np

from media_worker.render.adapter import FramesRenderer
from media_worker.render.encode import TICKS
from media_worker.render.port import Assembled, AssemblyJob, ClipJob, Part
from media_worker.speech.espeak import EspeakSpeech
from shared.messages.base import CaptionStyle
from shared.messages.manifest import Cue
from shared.messages.script import ListCard, TitleCard

SCENES = (
    ("海绵城市", TitleCard(subtitle="雨水去哪儿了"), "城市里的雨水正在改变。"),
    ("办法", ListCard(items=("透水铺装", "雨水花园")), "办法有两个，AI 也能帮忙。"),
)


async def parts_in(
    folder: Path, aspect: str = "16:9", *, theme: str = "auto", captions: CaptionStyle = "plain"
) -> list[Part]:
    speech, renderer = EspeakSpeech(), FramesRenderer()
    parts = []
    for number, (heading, card, narration) in enumerate(SCENES):
        own = folder / str(number)
        own.mkdir()
        spoken = await speech.speak(narration, language="zh-CN", speaker="default")
        (own / "voice.wav").write_bytes(spoken.wav)
        job = ClipJob(
            heading=heading,
            card=card,
            cues=spoken.cues,
            voice_ms=spoken.duration_ms,
            aspect=aspect,
            theme=theme,
            captions=captions,
        )
        path, frames = await renderer.clip(job, folder=own, progress=lambda _: None)
        parts.append(
            Part(
                clip_path=path,
                frames=frames,
                voice_path=own / "voice.wav",
                voice_ms=spoken.duration_ms,
                cues=spoken.cues,
            )
        )
    return parts


def made_in(folder: Path) -> tuple[list[Part], Assembled, list[float]]:
    """Two clips, their video, and the progress that was told."""
    told: list[float] = []

    async def make() -> tuple[list[Part], Assembled]:
        parts = await parts_in(folder)
        out = folder / "out"
        out.mkdir()
        job = AssemblyJob(parts=tuple(parts), title="海绵城市")
        return parts, await FramesRenderer().assemble(job, folder=out, progress=told.append)

    parts, video = asyncio.run(make())
    return parts, video, told


def packets(path: Path) -> list[tuple[int, bytes, bool]]:
    with av.open(str(path)) as container:
        return [
            (packet.pts // TICKS, bytes(packet), packet.is_keyframe)
            for packet in container.demux(container.streams.video[0])
            if packet.pts is not None
        ]


def heard(path: Path) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP, by ffmpeg's meter."""
    report = ffmpeg("-i", path, "-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-")
    loudness = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", report)[-1])
    return loudness, float(re.findall(r"Peak:\s+(-?[\d.]+) dBFS", report)[-1])


def sound_of(path: Path) -> np.ndarray:
    """Samples × channels at 48 kHz, every one of them."""
    with av.open(str(path)) as container:
        assert container.streams.audio[0].rate == 48_000
        pieces = [f.to_ndarray() for f in container.decode(container.streams.audio[0])]
    return np.concatenate(pieces, axis=1).T


def true_peak(path: Path) -> float:
    """Of every sample and of what lies between them at eight times the rate, in dB: by our own
    arithmetic, not the meter that the renderer uses.
    """
    sound, most = sound_of(path), 0.0
    for start in range(0, len(sound), 60_000):
        block = sound[max(0, start - 2_000) : start + 62_000]
        for channel in block.T:
            between = np.fft.irfft(np.fft.rfft(channel), 8 * len(channel)) * 8
            most = max(
                most, float(np.abs(between[8_000:-8_000]).max()), float(np.abs(channel).max())
            )
    return 20 * float(np.log10(most))


def tune(path: Path) -> Path:
    """Eight seconds of one high tone, which no voice has."""
    time = np.arange(8 * 48_000) / 48_000
    body = (0.5 * np.sin(2 * np.pi * 9_000 * time) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(body.tobytes())
    return path


def tone(sound: np.ndarray) -> np.ndarray:
    """What of the sound lies around the tune's pitch."""
    spectrum = np.fft.rfft(sound[:, 0])
    pitch = np.fft.rfftfreq(len(sound), 1 / 48_000)
    spectrum[np.abs(pitch - 9_000) > 60] = 0
    return np.fft.irfft(spectrum, len(sound))


def decibels(sound: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt((sound**2).mean()) + 1e-9))


def a_job(*, captions: CaptionStyle = "plain") -> ClipJob:
    cue = Cue(start_ms=0, end_ms=1_500, text="城市里的雨水管理正在发生变化")
    return ClipJob(
        heading="海绵城市",
        card=TitleCard(subtitle="雨水去哪儿了"),
        cues=(cue,),
        voice_ms=1_500,
        aspect="16:9",
        theme="auto",
        captions=captions,
    )


def ffmpeg(*arguments: str | Path) -> str:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostats", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr
