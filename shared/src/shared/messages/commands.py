"""Commands: what a worker is asked to make. Each carries every input and the artifact's key."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.messages.base import Aspect, CaptionStyle, Frozen, TaskMeta
from shared.messages.manifest import Blob, Cue
from shared.messages.script import Card, Script

MAX_SOURCE = 20_000
RevisionKind = Literal["rewrite", "shorten", "custom"]
VisualKind = Literal["image", "footage"]


class Article(Frozen):
    kind: Literal["article"] = "article"
    text: str = Field(min_length=1, max_length=MAX_SOURCE)


class Outline(Frozen):
    """Markdown: a heading is a scene, bullets are its points."""

    kind: Literal["outline"] = "outline"
    text: str = Field(min_length=1, max_length=MAX_SOURCE)


class Topic(Frozen):
    kind: Literal["topic"] = "topic"
    text: str = Field(min_length=1, max_length=500)


Source = Annotated[Article | Outline | Topic, Field(discriminator="kind")]


class Command(Frozen):
    """What all commands have. ``engine`` is the pinned maker; ``timeout_s`` bounds the work.

    ``authorisation`` counts how often the user agreed to pay again for a call whose outcome is
    unknown.
    """

    meta: TaskMeta
    key: str
    engine: str
    timeout_s: float = Field(gt=0)
    authorisation: int = Field(default=0, ge=0)


class Revision(Frozen):
    """One scene of ``base`` to be done again; all others stay as they are, and every id stays.

    ``text`` is the user's own word: what "custom" asks for, and a hint to the others.
    """

    base: Script
    scene_id: UUID
    kind: RevisionKind
    text: str = Field(default="", max_length=500)


class WriteScript(Command):
    """Draft the narration for a project, or ``revise`` one scene of it. Handled by
    script-worker.
    """

    type: Literal["script.write.v1"] = "script.write.v1"
    source: Source
    title: str | None = None
    target_seconds: int = Field(ge=5, le=1_800)
    style: str = ""
    audience: str = ""
    revise: Revision | None = None


class RecordVoice(Command):
    """Speak one scene's narration, ``speed`` times as fast as usual. Handled by media-worker."""

    type: Literal["voice.record.v1"] = "voice.record.v1"
    scene_id: UUID
    narration: str
    speaker: str
    speed: float = Field(default=1.0, ge=0.5, le=2.0)


class MakeVisual(Command):
    """Have the picture or the footage made that one scene's card asks for; paid, so each call has
    a receipt. Handled by media-worker.
    """

    type: Literal["visual.make.v1"] = "visual.make.v1"
    scene_id: UUID
    kind: VisualKind
    prompt: str = Field(min_length=1)
    aspect: Aspect


class RenderClip(Command):
    """Draw one scene, as long as its voice (``voice_ms``) needs, its captions burned in.
    ``visual`` is what was made for its card. Handled by media-worker.
    """

    type: Literal["clip.render.v1"] = "clip.render.v1"
    scene_id: UUID
    heading: str
    card: Card
    cues: tuple[Cue, ...]
    voice_ms: int = Field(ge=1)
    aspect: Aspect
    theme: str
    captions: CaptionStyle = "plain"
    visual: Blob | None = None


class ScenePart(Frozen):
    """The finished artifacts of one scene, in the video's order."""

    scene_id: UUID
    voice_key: str
    clip_key: str


class AssembleVideo(Command):
    """Join the clips, make the sound; ``music`` names a bed under the voice. Handled by
    media-worker.
    """

    type: Literal["video.assemble.v1"] = "video.assemble.v1"
    title: str
    parts: tuple[ScenePart, ...] = Field(min_length=1)
    aspect: Aspect
    music: str = "none"


AnyCommand = WriteScript | RecordVoice | MakeVisual | RenderClip | AssembleVideo
