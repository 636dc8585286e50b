"""What any renderer must do, and the plan of a video's time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from shared.messages.base import Aspect, CaptionStyle
from shared.messages.manifest import Cue, Frames
from shared.messages.script import Card

FPS: Final = 30
# Frames at both ends of a clip: a join blends one clip's tail with the next one's head.
HANDLE: Final = 12
# Frames of the body before the voice begins and after it ended: nobody talks over a join.
LEAD: Final = 6
REST: Final = 9
SIZES: Final[dict[Aspect, tuple[int, int]]] = {
    "16:9": (1280, 720),
    "9:16": (720, 1280),
    "1:1": (720, 720),
}
SHORT_SIDE: Final = min(SIZES["16:9"])
# The shorter side of a preview, and how much of a scene it shows at most: most scenes whole.
PREVIEW_UNIT: Final = 320
PREVIEW_MS: Final = 12_000
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipJob:
    """One scene's picture, as long as its voice needs; cue times are those of the voice.

    ``short_side``: pixels of the picture's shorter side; fonts and all else grow with it.
    ``picture_path`` holds the bytes of a picture card's picture, ``footage_path`` those of a
    footage card's, made anew by ``shared.foreign``.
    """

    heading: str
    card: Card
    cues: tuple[Cue, ...]
    voice_ms: int
    aspect: Aspect
    theme: str
    captions: CaptionStyle = "plain"
    short_side: int = SHORT_SIDE
    picture_path: Path | None = None
    footage_path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A scene made small: ``still`` (JPEG, with a caption where there is one) and the first
    seconds as ``clip`` (MP4, with the voice if there is one).
    """

    still: Path
    clip: Path
    width: int
    height: int
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One scene of an assembly: its clip and its voice as files that are only read."""

    clip_path: Path
    frames: Frames
    voice_path: Path
    voice_ms: int
    cues: tuple[Cue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssemblyJob:
    """As large as its clips. ``music``: "none", one of the moods of ``shared.looks``, or anything
    else with ``music_path`` holding the user's own.
    """

    parts: tuple[Part, ...]
    title: str
    music: str = "none"
    music_path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """``cues`` and ``duration_ms`` are those of the whole video; ``loudness_lufs`` was measured."""

    video: Path
    cover: Path
    srt: Path
    vtt: Path
    duration_ms: int
    frames: Frames
    loudness_lufs: float
    cues: tuple[Cue, ...]


class Renderer(Protocol):
    """All calls work in ``folder`` alone, report a share 0..1 of what is really done, and raise
    StageError.
    """

    engine: str

    async def clip(
        self, job: ClipJob, *, folder: Path, progress: Progress
    ) -> tuple[Path, Frames]: ...

    async def assemble(
        self, job: AssemblyJob, *, folder: Path, progress: Progress
    ) -> Assembled: ...

    async def preview(
        self, job: ClipJob, *, folder: Path, voice_path: Path | None = None
    ) -> Preview:
        """One scene as its clip will look, in seconds: about 320 pixels high, and short. It sounds
        as ``voice_path``, a WAV file.
        """
        ...


def size_of(aspect: Aspect, short_side: int = SHORT_SIDE) -> tuple[int, int]:
    """Width and height, pixels; even, as the encoder wants them."""
    width, height = (side * short_side // SHORT_SIDE // 2 * 2 for side in SIZES[aspect])
    return width, height


def body_frames(voice_ms: int) -> int:
    """Frames of a clip's body: the voice, rounded up, with its lead and rest."""
    return LEAD + -(-voice_ms * FPS // 1000) + REST


def video_frames(bodies: Sequence[int]) -> int:
    """Frames of a video of clips with these bodies: each handle once, two neighbours sharing
    theirs.
    """
    return HANDLE * (len(bodies) + 1) + sum(bodies)


def voice_starts(bodies: Sequence[int]) -> list[int]:
    """The frame at which each scene's voice begins."""
    starts, at = list[int](), 0
    for body in bodies:
        at += HANDLE
        starts.append(at + LEAD)
        at += body
    return starts


def planned_ms(voices_ms: Sequence[int]) -> int:
    """How long the video of these voices will be."""
    return video_frames([body_frames(ms) for ms in voices_ms]) * 1000 // FPS
