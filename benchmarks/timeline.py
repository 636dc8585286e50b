"""The thirty seconds of B6: five scenes with their captions, and the same as pictures for peers."""

import json
import math
import wave
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from media_worker.render.boxes import Frame
from media_worker.render.captions import Caption
from media_worker.render.cards import still
from media_worker.render.frames import ZOOM, enlarged
from media_worker.render.port import FPS, HANDLE, LEAD, SHORT_SIDE, ClipJob, body_frames, size_of
from media_worker.render.styles import style_of
from shared.messages.base import Aspect
from shared.messages.manifest import Cue
from shared.messages.script import (
    Bar,
    BarsCard,
    Card,
    ListCard,
    NumberCard,
    QuoteCard,
    TitleCard,
)

VOICE_MS: Final = 5_200
THEME: Final = "auto"
_RATE: Final = 24_000
_SCENES: Final[Sequence[tuple[str, Card, tuple[str, str]]]] = (
    ("海绵城市", TitleCard(subtitle="雨水去了哪里"), ("城市里的雨水管理", "正在发生变化。")),
    (
        "留住雨水",
        ListCard(items=("透水的路面", "下沉的绿地", "屋顶的花园")),
        ("过去雨水直接流进管道，", "如今更多的水留在土壤里。"),
    ),
    ("少了多少", NumberCard(value="40%", label="进入管道的雨水"), ("进入管道的雨水", "少了四成。")),
    (
        "三座城市",
        BarsCard(
            bars=(Bar(label="北", value=32), Bar(label="中", value=51), Bar(label="南", value=68)),
            unit="%",
        ),
        ("三座城市的数字", "各不相同。"),
    ),
    (
        "一句话",
        QuoteCard(text="雨水不是垃圾，是资源。", source="一位设计师"),
        ("雨水不是垃圾，", "是资源。"),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    jobs: tuple[ClipJob, ...]
    voices: tuple[Path, ...]

    @property
    def body(self) -> int:
        """Frames of a scene, without what overlaps its neighbours."""
        return body_frames(self.jobs[0].voice_ms)

    @property
    def frames(self) -> int:
        return HANDLE + len(self.jobs) * (self.body + HANDLE)


def timeline(
    folder: Path,
    aspect: Aspect,
    short_side: int = SHORT_SIDE,
    *,
    scenes: int = len(_SCENES),
    voice_ms: int = VOICE_MS,
) -> Timeline:
    """Voices are tones: what is spoken plays no part in a picture."""
    folder.mkdir(parents=True, exist_ok=True)
    voices = tuple(_tone(folder / f"voice{n}.wav", 180 + 40 * n, voice_ms) for n in range(scenes))
    jobs = tuple(
        ClipJob(
            heading=heading,
            card=card,
            cues=(
                Cue(start_ms=0, end_ms=voice_ms // 2, text=words[0]),
                Cue(start_ms=voice_ms // 2, end_ms=voice_ms, text=words[1]),
            ),
            voice_ms=voice_ms,
            aspect=aspect,
            short_side=short_side,
            theme=THEME,
        )
        for heading, card, words in _SCENES[:scenes]
    )
    return Timeline(jobs=jobs, voices=voices)


def for_peers(plan: Timeline, folder: Path) -> Path:
    """Each scene's still, each caption as a picture with its place, all times in seconds; the file
    that tells of them.
    """
    width, height = size_of(plan.jobs[0].aspect, plan.jobs[0].short_side)
    frame = Frame(width=width, height=height)
    large = enlarged(frame)
    body = plan.body
    scenes: list[dict[str, Any]] = []
    captions: list[dict[str, Any]] = []
    for number, job in enumerate(plan.jobs):
        begin = number * (HANDLE + body)
        style = style_of(job.theme, job.heading, job.card)
        picture = folder / f"still{number}.png"
        still(job.heading, job.card, large, style).save(picture)
        scenes.append(
            {"file": str(picture), "start": begin / FPS, "seconds": (body + 2 * HANDLE) / FPS}
        )
        for cue in job.cues:
            caption = Caption(text=cue.text, frame=frame, style=style)
            file = folder / f"caption{len(captions)}.png"
            caption.image().save(file)
            at = (begin + HANDLE + LEAD) / FPS
            captions.append(
                {
                    "file": str(file),
                    "x": caption.x,
                    "y": caption.y,
                    "start": at + cue.start_ms / 1000,
                    "end": at + cue.end_ms / 1000,
                }
            )
    told = folder / "timeline.json"
    told.write_text(
        json.dumps(
            {
                "width": width,
                "height": height,
                "fps": FPS,
                "frames": plan.frames,
                "fade": HANDLE / FPS,
                "zoom": ZOOM,
                "scenes": scenes,
                "captions": captions,
            }
        )
    )
    return told


def _tone(file: Path, pitch: float, ms: int) -> Path:
    count = _RATE * ms // 1000
    samples = (round(6_000 * math.sin(2 * math.pi * pitch * n / _RATE)) for n in range(count))
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(array("h", samples).tobytes())
    return file
