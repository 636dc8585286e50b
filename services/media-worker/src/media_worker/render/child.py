"""``python -m media_worker.render.child``: one clip or one assembly; job in as JSON, progress out
line by line.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from media_worker.children import die_with_parent
from media_worker.render import captions, encode, join, sound
from media_worker.render.boxes import Frame
from media_worker.render.cards import picture
from media_worker.render.frames import ZOOM, Scene
from media_worker.render.port import (
    FPS,
    HANDLE,
    LEAD,
    SIZES,
    AssemblyJob,
    ClipJob,
    Part,
    body_frames,
    video_frames,
    voice_starts,
)
from shared.messages.manifest import Cue, Frames

Tell = Callable[[float], None]


def clip(job: ClipJob, folder: Path, tell: Tell) -> dict[str, Any]:
    """Draws and encodes one scene."""
    width, height = SIZES[job.aspect]
    frame = Frame(width=width, height=height)
    body = body_frames(job.voice_ms)
    total = HANDLE + body + HANDLE
    large = Frame(width=_even(width * (1 + ZOOM)), height=_even(height * (1 + ZOOM)))
    still = picture(job.heading, job.card, large)
    scene = Scene(still, job.cues, frame, total=total, voice_from=HANDLE + LEAD)
    target = folder / "clip.mp4"
    encode.encoded(
        folder / "clip.part.mp4",
        (scene.planes(number) for number in range(total)),
        frame,
        keyframes=frozenset({0, HANDLE, HANDLE + body}),
        told=lambda done: tell(done / total),
    )
    (folder / "clip.part.mp4").rename(target)
    frames = Frames(fps=FPS, width=width, height=height, head=HANDLE, body=body, tail=HANDLE)
    return {"path": str(target), "frames": frames.model_dump()}


def assemble(job: AssemblyJob, folder: Path, tell: Tell) -> dict[str, Any]:
    """Joins the clips and makes the sound; the steps share the progress by what they cost."""
    width, height = SIZES[job.aspect]
    frame = Frame(width=width, height=height)
    bodies = [part.frames.body for part in job.parts]
    total, starts = video_frames(bodies), voice_starts(bodies)
    steps = len(job.parts) - 1 + 4
    done = 0

    def step() -> None:
        nonlocal done
        done = min(done + 1, steps - 1)
        tell(done / steps)

    between = join.joins(job.parts, frame, folder, lambda _: step())
    voices = [part.voice_path for part in job.parts]
    raw = sound.track(voices, starts, total, folder / "voices.wav")
    step()
    loudness = sound.mastered(raw, folder / "sound.m4a", step)
    made = folder / "video.part.mp4"
    join.muxed(made, join.pieces(job.parts, between), folder / "sound.m4a", job.parts[0].clip_path)
    made.rename(folder / "video.mp4")
    cues = _cues(job.parts, starts)
    (folder / "captions.srt").write_text(captions.srt(cues), encoding="utf-8")
    (folder / "captions.vtt").write_text(captions.vtt(cues), encoding="utf-8")
    _cover(job.parts[0], folder / "cover.jpg")
    tell(1.0)
    frames = Frames(fps=FPS, width=width, height=height, body=total)
    return {
        "duration_ms": total * 1000 // FPS,
        "frames": frames.model_dump(),
        "loudness_lufs": loudness,
        "cues": [cue.model_dump() for cue in cues],
    }


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


def _even(value: float) -> int:
    return round(value / 2) * 2


def main() -> None:
    die_with_parent()
    request = json.load(sys.stdin)
    folder = Path(request["folder"])

    def tell(share: float) -> None:
        sys.stdout.write(json.dumps({"progress": round(share, 4)}) + "\n")
        sys.stdout.flush()

    if request["kind"] == "clip":
        made = clip(TypeAdapter(ClipJob).validate_python(request["job"]), folder, tell)
    else:
        made = assemble(TypeAdapter(AssemblyJob).validate_python(request["job"]), folder, tell)
    sys.stdout.write(json.dumps({"made": made}) + "\n")


if __name__ == "__main__":
    main()
