"""Input hash → key. A key names an artifact by everything that it is made from, so equal keys mean
equal artifacts.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from shared.messages.commands import ScenePart
from shared.messages.manifest import ArtifactKind, Manifest
from shared.messages.script import Scene
from shared.state import Project, Run


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
    return key(
        "voice",
        {
            "user": project.user_id,
            "engine": run.engines.voice,
            "language": project.language,
            "speaker": project.options.speaker,
            "speed": project.options.speed,
            "narration": scene.narration,
        },
    )


def clip_key(project: Project, run: Run, scene: Scene, voice: Manifest) -> str:
    """The captions are burned in, so the voice's cues and length are inputs."""
    return key(
        "clip",
        {
            "user": project.user_id,
            "engine": run.engines.renderer,
            "aspect": project.options.aspect,
            "theme": project.options.theme,
            "captions": project.options.captions,
            "heading": scene.heading,
            "card": scene.card.model_dump(mode="json"),
            "cues": [cue.model_dump(mode="json") for cue in voice.cues],
            "voice_ms": voice.duration_ms,
        },
    )


def video_key(project: Project, run: Run, title: str, parts: Sequence[ScenePart]) -> str:
    return key(
        "video",
        {
            "user": project.user_id,
            "engine": run.engines.renderer,
            "aspect": project.options.aspect,
            "title": title,
            "music": project.options.music,
            "parts": [[part.voice_key, part.clip_key] for part in parts],
        },
    )


def tombstone(run_id: UUID) -> str:
    """Where the store says that a run was closed by its user."""
    return f"control/cancelled/{run_id}"
