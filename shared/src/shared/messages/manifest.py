"""The manifest: what an artifact consists of. An artifact exists when its manifest does."""

from typing import Literal

from pydantic import AwareDatetime, Field

from shared.messages.base import Frozen

ArtifactKind = Literal["script", "voice", "image", "footage", "clip", "video", "preview", "sample"]


class Blob(Frozen):
    """Bytes in the artifact store: ``path`` is ``blob/<sha256 of the bytes>.<ext>``."""

    path: str = Field(pattern=r"^blob/[0-9a-f]{64}\.[a-z0-9]{1,5}$")
    size: int = Field(ge=1)
    media_type: str


class Word(Frozen):
    """A stretch of a caption that is spoken at once; times as in its cue."""

    start_ms: int = Field(ge=0)
    end_ms: int = Field(ge=0)
    text: str


class Cue(Frozen):
    """A caption; times in milliseconds from the start of the sound it belongs to.

    ``words``, where a voice knows them, are the whole ``text`` cut into pieces, in order.
    """

    start_ms: int = Field(ge=0)
    end_ms: int = Field(ge=0)
    text: str
    words: tuple[Word, ...] = ()


class Frames(Frozen):
    """Whole frames of a picture track: ``head`` and ``tail`` are handles that a join may blend."""

    fps: int
    width: int
    height: int
    head: int = 0
    body: int
    tail: int = 0


class Manifest(Frozen):
    """``key`` is ``<kind>/<sha256 of all inputs>``; ``blobs`` by role ("audio", "video", "cover",
    "srt", "vtt", "script", "still", "image", "footage").

    ``work_ms`` is how long making it took: facts are built from here, so a redelivery after a crash
    states the same.
    """

    key: str = Field(
        pattern=r"^(script|voice|image|footage|clip|video|preview|sample)/[0-9a-f]{64}$"
    )
    engine: str
    blobs: dict[str, Blob]
    duration_ms: int | None = None
    cues: tuple[Cue, ...] = ()
    frames: Frames | None = None
    loudness_lufs: float | None = None
    cost: dict[str, float] | None = None
    work_ms: int = 0
    made_at: AwareDatetime
