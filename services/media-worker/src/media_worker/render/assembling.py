"""The whole video as a file: joins, sound, captions, cover."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from media_worker.render import encode, join, sound, subtitles
from media_worker.render.boxes import Frame
from media_worker.render.port import (
    FPS,
    AssemblyJob,
    Part,
    video_frames,
    voice_starts,
)
from shared.messages.manifest import Cue, Frames

Tell = Callable[[float], None]


def assemble(job: AssemblyJob, folder: Path, tell: Tell) -> dict[str, Any]:
    """Joins the clips and makes the sound; the steps share the progress by what they cost."""
    size = job.parts[0].frames
    width, height = size.width, size.height
    frame = Frame(width=width, height=height)
    bodies = [part.frames.body for part in job.parts]
    total, starts = video_frames(bodies), voice_starts(bodies)
    step = _steps(len(job.parts) - 1 + 5, tell)
    between = join.joins(job.parts, frame, folder, lambda _: step())
    loudness = sound.made(job, starts, total, folder, step)
    _mux(job, between, folder)
    cues = _cues(job.parts, starts)
    (folder / "captions.srt").write_text(subtitles.srt(cues), encoding="utf-8")
    (folder / "captions.vtt").write_text(subtitles.vtt(cues), encoding="utf-8")
    _cover(job.parts[0], folder / "cover.jpg")
    tell(1.0)
    frames = Frames(fps=FPS, width=width, height=height, body=total)
    return {
        "duration_ms": total * 1000 // FPS,
        "frames": frames.model_dump(),
        "loudness_lufs": loudness,
        "cues": [cue.model_dump() for cue in cues],
    }


def _mux(job: AssemblyJob, between: Sequence[Path], folder: Path) -> None:
    made = folder / "video.part.mp4"
    pieces = join.pieces(job.parts, between)
    join.muxed(made, pieces, folder / "sound.m4a", job.parts[0].clip_path, title=job.title)
    made.rename(folder / "video.mp4")


def _steps(count: int, tell: Tell) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done = min(done + 1, count - 1)
        tell(done / count)

    return step


def _cues(parts: tuple[Part, ...], starts: list[int]) -> list[Cue]:
    return [
        Cue(
            start_ms=start * 1000 // FPS + cue.start_ms,
            end_ms=start * 1000 // FPS + cue.end_ms,
            text=cue.text,
        )
        for part, start in zip(parts, starts, strict=True)
        for cue in part.cues
    ]


def _cover(part: Part, target: Path) -> None:
    """The first scene's picture, before its captions begin."""
    [planes] = encode.decoded(part.clip_path, 0, 1)
    frame = Frame(width=part.frames.width, height=part.frames.height)
    still: Any = encode.video_frame(planes, frame)
    still.to_image().save(target, quality=90)
