"""Asides as commands: a preview of one scene, a sample of one voice. Pure."""

from datetime import datetime, timedelta
from typing import Final
from uuid import NAMESPACE_URL, UUID

from shared import voices
from shared.artifacts.keys import narration_key, preview_key, sample_key, visual_key
from shared.engines import Engines
from shared.messages.asides import AsideMeta, PreviewScene, SampleVoice, SpokenBy
from shared.messages.base import Language, derived_id
from shared.messages.manifest import Manifest
from shared.messages.script import Scene
from shared.state import Project
from shared.voices import Speaker
from shared.wishes import blob_of, wish_of

# Whoever asks is answered within this time, or told that it was not made.
PATIENCE: Final = timedelta(seconds=120)
TIMEOUT_S: Final = 100.0


def voice_wanted(project: Project, scene: Scene, engines: Engines) -> str:
    """The key of the voice that a production would record for the scene now."""
    return narration_key(project, engines.voice, scene)


def visual_wanted(project: Project, scene: Scene, engines: Engines) -> str | None:
    """The key of the picture or footage that a production would have made for the scene's card;
    None where it asks for none.
    """
    wish = wish_of(scene.card)
    return visual_key(project, engines, wish) if wish else None


def preview_command(  # noqa: PLR0913  (what a scene is made of)
    project: Project,
    scene: Scene,
    engines: Engines,
    asked_at: datetime,
    *,
    recorded: bool,
    visual: Manifest | None = None,
) -> PreviewScene:
    """With sound where the voice costs nothing to record, or is ``recorded`` already, and with the
    ``visual`` that is there: a preview never calls a paid maker, nor the network.
    """
    key, spoken = voice_wanted(project, scene, engines), project.options
    voiced = recorded or voices.is_offline(engines.voice)
    wanted = preview_key(
        project,
        engines.renderer,
        scene,
        voice=key if voiced else None,
        visual=visual.key if visual else None,
    )
    voice = SpokenBy(key=key, engine=engines.voice, speaker=spoken.speaker, speed=spoken.speed)
    return PreviewScene(
        meta=_meta(project.user_id, project.language, wanted, asked_at),
        key=wanted,
        engine=engines.renderer,
        expires_at=asked_at + PATIENCE,
        timeout_s=TIMEOUT_S,
        project_id=project.id,
        scene_id=scene.id,
        narration=scene.narration,
        speed=spoken.speed,
        voice=voice if voiced else None,
        heading=scene.heading,
        card=scene.card,
        aspect=spoken.aspect,
        theme=spoken.theme,
        captions=spoken.captions,
        visual=blob_of(visual),
    )


def sample_command(
    user_id: str, engine: str, speaker: Speaker, speed: float, asked_at: datetime
) -> SampleVoice:
    wanted = sample_key(engine, speaker, speed)
    return SampleVoice(
        meta=_meta(user_id, speaker.language, wanted, asked_at),
        key=wanted,
        engine=engine,
        expires_at=asked_at + PATIENCE,
        timeout_s=TIMEOUT_S,
        text=speaker.sentence,
        speaker=speaker.id,
        speed=speed,
    )


def aside_id(user_id: str, key: str, asked_at: datetime) -> UUID:
    """The message of this question; asked again later, it is another one."""
    return derived_id(NAMESPACE_URL, f"aside/{user_id}/{key}/{asked_at.isoformat()}")


def _meta(user_id: str, language: Language, key: str, asked_at: datetime) -> AsideMeta:
    return AsideMeta(
        message_id=aside_id(user_id, key, asked_at),
        user_id=user_id,
        language=language,
        occurred_at=asked_at,
    )
