"""What a preview or a sample is of, and what its answer looks like."""

from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from api.asides import Asides, Question
from api.auth import User
from api.errors import RefusedError
from api.links import Links
from api.requests import Sample
from api.runs import own
from api.views import LinkView, View
from shared import voices
from shared.asking import preview_command, sample_command, visual_wanted, voice_wanted
from shared.messages.asides import PreviewScene
from shared.messages.manifest import Manifest
from shared.messages.script import Scene
from shared.state import Project
from shared.store import aggregate
from shared.store.engine import autocommit
from shared.voices import Speaker

POLL_AFTER_MS: Final = 1_000
State = Literal["making", "ready"]


class PreviewView(View):
    """``making``: look again after ``poll_after_ms``, or with ``wait``. ``ready``: links to the
    clip and to a still of it. ``voiced``: whether it sounds; a voice that costs money is only heard
    where a production recorded it.
    """

    state: State
    poll_after_ms: int | None
    voiced: bool
    clip: LinkView | None = None
    still: LinkView | None = None
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None


class SampleView(View):
    """As ``PreviewView``; ``audio`` is a WAV file."""

    state: State
    poll_after_ms: int | None
    text: str
    audio: LinkView | None = None
    duration_ms: int | None = None


async def of_scene(asides: Asides, links: Links, user: User, place: tuple[UUID, UUID]) -> Question:
    """The scene as it is saved now; ``place`` is project and scene. Raises RefusedError for what
    is not there.
    """
    project_id, scene_id = place
    async with autocommit(asides.engine) as conn:
        loaded = await aggregate.load(conn, [project_id])
    project = own(loaded.get(project_id), user).project
    scene = _scene(project, scene_id)
    free = voices.is_offline(asides.engines.voice)
    wanted = voice_wanted(project, scene, asides.engines)
    recorded = not free and await asides.artifacts.find(wanted) is not None
    picture = visual_wanted(project, scene, asides.engines)
    visual = await asides.artifacts.find(picture) if picture else None

    def command(at: datetime) -> PreviewScene:
        return preview_command(project, scene, asides.engines, at, recorded=recorded, visual=visual)

    asked = command(datetime.now(UTC))

    def view(manifest: Manifest | None) -> dict[str, Any]:
        return _preview(links, user, project_id, manifest, voiced=asked.voice is not None).wire()

    return Question(key=asked.key, project_id=project_id, command=command, view=view)


def _scene(project: Project, scene_id: UUID) -> Scene:
    if project.script is None:
        raise RefusedError("script_missing")
    for scene in project.script.scenes:
        if scene.id == scene_id:
            return scene
    raise RefusedError("scene_not_found")


def _preview(
    links: Links, user: User, project_id: UUID, manifest: Manifest | None, *, voiced: bool
) -> PreviewView:
    if manifest is None or manifest.frames is None:
        return PreviewView(state="making", poll_after_ms=POLL_AFTER_MS, voiced=voiced)
    name = manifest.key.replace("preview/", "previews/")
    return PreviewView(
        state="ready",
        poll_after_ms=None,
        voiced=voiced,
        clip=links.to(user, project_id, f"{name}.mp4"),
        still=links.to(user, project_id, f"{name}.jpg"),
        duration_ms=manifest.duration_ms,
        width=manifest.frames.width,
        height=manifest.frames.height,
    )


async def of_voice(
    asides: Asides, links: Links, user: User, speaker: str, asked: Sample
) -> Question:
    """One sentence of a voice that new runs can have; raises RefusedError for others."""
    engine = asides.engines.voice
    chosen = _speaker(engine, speaker, asked)
    if not voices.is_free(engine):
        raise RefusedError("sample_costs")
    key = sample_command(user.id, engine, chosen, asked.speed, datetime.now(UTC)).key

    def view(manifest: Manifest | None) -> dict[str, Any]:
        return _sample(links, user, chosen, manifest).wire()

    return Question(
        key=key,
        project_id=None,
        command=lambda at: sample_command(user.id, engine, chosen, asked.speed, at),
        view=view,
    )


def _speaker(engine: str, name: str, asked: Sample) -> Speaker:
    for language in (asked.language,) if asked.language else voices.LANGUAGES:
        if found := voices.find(engine, language, name):
            return found
    raise RefusedError("voice_not_found")


def _sample(links: Links, user: User, speaker: Speaker, manifest: Manifest | None) -> SampleView:
    text = speaker.sentence
    if manifest is None:
        return SampleView(state="making", poll_after_ms=POLL_AFTER_MS, text=text)
    name = manifest.key.replace("sample/", "samples/")
    return SampleView(
        state="ready",
        poll_after_ms=None,
        text=text,
        audio=links.to(user, None, f"{name}.wav"),
        duration_ms=manifest.duration_ms,
    )
