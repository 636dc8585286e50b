"""One scene as a file: its clip, or a small preview by the same code."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageOps

from media_worker.render import encode, sound
from media_worker.render.boxes import Frame, even
from media_worker.render.cards import still
from media_worker.render.footage import FullFootage, footage_scene
from media_worker.render.frames import Scene, enlarged
from media_worker.render.planes import Planes, reduced
from media_worker.render.port import (
    FPS,
    HANDLE,
    LEAD,
    PREVIEW_MS,
    PREVIEW_UNIT,
    ClipJob,
    body_frames,
    size_of,
)
from media_worker.render.reel import Reel
from media_worker.render.sprites import Captions
from media_worker.render.styles import style_of
from shared.errors import StageError
from shared.messages.manifest import Frames
from shared.messages.script import FootageCard, PictureCard

Tell = Callable[[float], None]
_MOST_PIXELS: Final = 50_000_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_PREVIEW_JPEG: Final = 82


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    scene: Scene | FullFootage
    frame: Frame
    body: int

    @property
    def total(self) -> int:
        return HANDLE + self.body + HANDLE


def clip(job: ClipJob, folder: Path, tell: Tell) -> dict[str, Any]:
    """Draws and encodes one scene."""
    width, height = size_of(job.aspect, job.short_side)
    drawn = _drawn(job, Frame(width=width, height=height))
    target = folder / "clip.mp4"
    encode.encoded(
        folder / "clip.part.mp4",
        _telling(drawn, tell),
        drawn.frame,
        keyframes=frozenset({0, HANDLE, HANDLE + drawn.body}),
    )
    (folder / "clip.part.mp4").rename(target)
    frames = Frames(fps=FPS, width=width, height=height, head=HANDLE, body=drawn.body, tail=HANDLE)
    return {"path": str(target), "frames": frames.model_dump()}


def _telling(drawn: _Drawn, tell: Tell) -> Iterator[Planes]:
    """All frames; of each is told when the next one is asked for."""
    for number in range(drawn.total):
        yield drawn.scene.planes(number)
        tell((number + 1) / drawn.total)


def preview(job: ClipJob, folder: Path, voice: Path | None = None) -> dict[str, Any]:
    """The clip's own frames made small: the first seconds, and a still of the frame in the middle
    of the first caption.
    """
    width, height = size_of(job.aspect, job.short_side)
    drawn = _drawn(job, Frame(width=width, height=height))
    scale = PREVIEW_UNIT / min(width, height)
    small = Frame(width=even(width * scale), height=even(height * scale))
    count = min(drawn.total, PREVIEW_MS * FPS // 1000)
    picture = folder / ("picture.mp4" if voice else "preview.mp4")
    encode.encoded(
        picture,
        (reduced(drawn.scene.planes(number), small) for number in range(count)),
        small,
        keyframes=frozenset({0}),
    )
    if voice:
        sound.spoken(picture, voice, count, folder / "preview.mp4")
    cue = job.cues[0] if job.cues else None
    spoken = (cue.start_ms + cue.end_ms) * FPS // 2000 if cue else 0
    shown = drawn.scene.planes(min(HANDLE + LEAD + spoken, drawn.total - 1))
    middle: Any = encode.video_frame(reduced(shown, small), small)
    middle.to_image().save(folder / "preview.jpg", quality=_PREVIEW_JPEG)
    return {
        "still": str(folder / "preview.jpg"),
        "clip": str(folder / "preview.mp4"),
        "width": small.width,
        "height": small.height,
        "duration_ms": count * 1000 // FPS,
    }


def _drawn(job: ClipJob, frame: Frame) -> _Drawn:
    body = body_frames(job.voice_ms)
    large = enlarged(frame)
    style = style_of(job.theme, job.heading, job.card)
    shown = opened(job.picture_path) if job.picture_path else None
    picture = shown if isinstance(job.card, PictureCard) else None
    captions = Captions(
        job.cues,
        frame,
        style,
        voice_from=HANDLE + LEAD,
        highlight=job.captions == "highlight",
    )
    total = HANDLE + body + HANDLE
    scene: Scene | FullFootage
    if isinstance(job.card, FootageCard) and job.footage_path:
        reel = Reel(job.footage_path, hold=job.card.ending == "hold")
        scene = footage_scene(job, job.card, reel, drawn_in=(frame, large), captions=captions)
    else:
        scene = Scene(
            still(job.heading, job.card, large, style, picture), captions, frame, total=total
        )
    return _Drawn(scene=scene, frame=frame, body=body)


def opened(path: Path) -> Image.Image:
    """A picture's pixels, turned as its camera was held; JPEG, PNG or WebP of at most 50
    megapixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS) as file:
                if file.width * file.height > _MOST_PIXELS:
                    raise StageError(
                        "picture_unreadable", f"{file.width} × {file.height}", retryable=False
                    )
                file.draft("RGB", (2560, 2560))
                return _flat(ImageOps.exif_transpose(file))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise StageError("picture_unreadable", str(error), retryable=False) from error


def _flat(picture: Image.Image) -> Image.Image:
    """What can be seen through stands on white."""
    picture.thumbnail((2560, 2560))
    if picture.mode in {"RGBA", "LA", "PA", "P"}:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture).convert("RGB")
    return picture.convert("RGB")
