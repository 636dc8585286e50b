"""The service's process: reads settings, builds adapters, works."""

import asyncio
import sys
from typing import Final

from media_worker.assembly import AssemblyStage
from media_worker.clip import ClipStage
from media_worker.preview import PreviewMaker
from media_worker.render.adapter import FramesRenderer
from media_worker.settings import MediaSettings
from media_worker.speech.served import speeches
from media_worker.visual import VisualStage
from media_worker.visuals.served import makers
from media_worker.voice import VoiceStage
from media_worker.workspace import sweep
from shared.artifacts.store import ArtifactStore
from shared.messages.commands import AssembleVideo, MakeVisual, RecordVoice, RenderClip
from shared.provider_key import KeyRefusedError
from shared.runtime.asides import AsideSpec
from shared.runtime.settings import (
    FootageSettings,
    ImageSettings,
    ProcessSettings,
    VoiceSettings,
    read,
)
from shared.runtime.worker import Spec, StageSpec, work
from shared.voice_choice import VoiceNotConfiguredError, check_voice, check_voice_key

# An idle render process: longer than the pauses between the clips of a video, and memory is free
# again soon after it.
_KEEP_S: Final = 30.0


async def main(process: ProcessSettings, stop: asyncio.Event) -> None:
    settings, voice = read(MediaSettings), read(VoiceSettings)
    makes = read(ImageSettings), read(FootageSettings)
    if "voice" in settings.media_stages:
        await checked(voice)
    sweep()

    renderer = FramesRenderer(keep_s=_KEEP_S)

    def specs(artifacts: ArtifactStore) -> list[Spec]:
        return served(settings, voice, makes, renderer, artifacts)

    try:
        await work("media-worker", specs, process, stop)
    finally:
        await renderer.close()


def served(
    settings: MediaSettings,
    voice: VoiceSettings,
    makes: tuple[ImageSettings, FootageSettings],
    renderer: FramesRenderer,
    artifacts: ArtifactStore,
) -> list[Spec]:
    """What this process makes; stages and previews share its voices."""
    spoken = speeches(settings, voice, artifacts)
    slots = settings.worker_slots
    stages = (
        StageSpec(
            name="voice",
            command=RecordVoice,
            stage=VoiceStage(*spoken, artifacts=artifacts),
            slots=settings.slots_of_voice(voice.voice),
        ),
        StageSpec(
            name="visual",
            command=MakeVisual,
            stage=VisualStage(*makers(*makes, artifacts), artifacts=artifacts),
            slots=settings.visual_slots,
        ),
        StageSpec(
            name="clip", command=RenderClip, stage=ClipStage(renderer, artifacts), slots=slots
        ),
        StageSpec(
            name="assembly",
            command=AssembleVideo,
            stage=AssemblyStage(renderer, artifacts),
            slots=slots,
        ),
    )
    wanted: list[Spec] = [spec for spec in stages if spec.name in settings.media_stages]
    if "preview" in settings.media_stages:
        wanted.append(AsideSpec(maker=PreviewMaker(renderer, spoken, artifacts), slots=slots))
    return wanted


async def checked(voice: VoiceSettings) -> None:
    """Ends the process, in words, when the voice of new runs can't speak here."""
    try:
        check_voice(voice)
        await check_voice_key(voice)
    except (VoiceNotConfiguredError, KeyRefusedError) as wrong:
        sys.exit(f"{wrong.code}: {wrong.detail}")
