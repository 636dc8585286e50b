"""Input hash → key. A key names an artifact by everything that it is made from, so equal keys mean
equal artifacts.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from shared.engines import SCENE_PREVIEW, VIDEO_ASSEMBLY, Engines
from shared.messages.base import CaptionStyle
from shared.messages.commands import ScenePart
from shared.messages.manifest import ArtifactKind, Cue, Manifest
from shared.messages.script import Card, PictureCard, Scene
from shared.state import Project, Run
from shared.voices import Speaker
from shared.wishes import Wish, maker_of


def key(kind: ArtifactKind, inputs: dict[str, Any]) -> str:
    """``<kind>/<sha256>`` of the inputs as canonical JSON (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{kind}/{hashlib.sha256(text.encode()).hexdigest()}"


def script_key(project: Project, run: Run) -> str:
    """A script belongs to its project and take: "again" raises the take, a retry does not."""
    return key(
        "script",
        {
            "user": project.user_id,
            "project": str(project.id),
            "take": run.take,
            "engine": run.engines.writer,
            "language": project.language,
            "title": project.title,
            "source": project.source.model_dump(mode="json"),
            "seconds": project.options.target_seconds,
            "style": project.options.style,
            "audience": project.options.audience,
            **({"revise": run.revise.model_dump(mode="json")} if run.revise else {}),
        },
    )


def voice_key(project: Project, run: Run, scene: Scene) -> str:
    return narration_key(project, run.engines.voice, scene)


def narration_key(project: Project, engine: str, scene: Scene) -> str:
    """The key of a scene's voice by ``engine``, whether a run records it or a preview."""
    return key(
        "voice",
        {
            "user": project.user_id,
            "engine": engine,
            "language": project.language,
            "speaker": project.options.speaker,
            "speed": project.options.speed,
            "narration": scene.narration,
        },
    )


def visual_key(project: Project, engines: Engines, wish: Wish) -> str:
    """A picture belongs to its project and the card's take: "another one" raises the take, a retry
    does not.
    """
    return key(
        wish.kind,
        {
            "user": project.user_id,
            "project": str(project.id),
            "take": wish.take,
            "engine": maker_of(wish, engines),
            "prompt": wish.prompt,
            "aspect": project.options.aspect,
        },
    )


def clip_key(
    project: Project, run: Run, scene: Scene, voice: Manifest, visual: Manifest | None = None
) -> str:
    """The captions are burned in, so the voice's cues and length are inputs; when each word is
    spoken matters only where words are lit. ``visual`` is what was made for the card.
    """
    return key(
        "clip",
        {
            "user": project.user_id,
            "engine": run.engines.renderer,
            "aspect": project.options.aspect,
            "theme": project.options.theme,
            "captions": project.options.captions,
            "heading": scene.heading,
            "card": _shown(scene.card),
            "cues": _burned(voice.cues, project.options.captions),
            "voice_ms": voice.duration_ms,
            **({"visual": visual.key} if visual else {}),
        },
    )


def preview_key(
    project: Project, engine: str, scene: Scene, *, voice: str | None, visual: str | None
) -> str:
    """By the keys of what it sounds and shows. ``voice`` None: silent, its times estimated from the
    narration. ``visual`` None: nothing was made for the card yet. It belongs to its project, as its
    links do.
    """
    return key(
        "preview",
        {
            "user": project.user_id,
            "project": str(project.id),
            "engine": f"{engine}/{SCENE_PREVIEW}",
            "language": project.language,
            "speed": project.options.speed,
            "aspect": project.options.aspect,
            "theme": project.options.theme,
            "captions": project.options.captions,
            "heading": scene.heading,
            "card": _shown(scene.card),
            "narration": scene.narration,
            "voice": voice,
            **({"visual": visual} if visual else {}),
        },
    )


def sample_key(engine: str, speaker: Speaker, speed: float) -> str:
    """The same for all users: it has nothing of theirs."""
    return key(
        "sample",
        {
            "engine": engine,
            "language": speaker.language,
            "speaker": speaker.id,
            "speed": speed,
            "text": speaker.sentence,
        },
    )


def _shown(card: Card) -> dict[str, Any]:
    """A card's content; a picture is its bytes, which its path has the hash of. What was asked for
    is in the key of what was made.
    """
    content = card.model_dump(mode="json", exclude={"prompt", "take"})
    if isinstance(card, PictureCard):
        content["picture"] = card.picture.path if card.picture else None
    return content


def _burned(cues: Sequence[Cue], style: CaptionStyle) -> list[dict[str, Any]]:
    without = {"words"} if style == "plain" else set[str]()
    return [cue.model_dump(mode="json", exclude=without) for cue in cues]


def video_key(project: Project, run: Run, title: str, parts: Sequence[ScenePart]) -> str:
    """Themes, captions and texts are in the parts' keys; the title is in the file."""
    return key(
        "video",
        {
            "user": project.user_id,
            "engine": f"{run.engines.renderer}/{VIDEO_ASSEMBLY}",
            "aspect": project.options.aspect,
            "title": title,
            "music": project.options.music,
            "parts": [[part.voice_key, part.clip_key] for part in parts],
        },
    )


def tombstone(run_id: UUID) -> str:
    """Where the store says that a run was closed."""
    return f"control/cancelled/{run_id}"


def failure_mark(message_id: UUID) -> str:
    """Where the store says why an aside could not be made."""
    return f"control/failed/{message_id}"
