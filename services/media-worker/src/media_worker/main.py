"""``python -m media_worker.main [--stages voice,clip]``: reads settings, builds adapters, works."""

import argparse
import asyncio
import os
import sys

from media_worker.assembly import AssemblyStage
from media_worker.clip import ClipStage
from media_worker.render.adapter import FramesRenderer
from media_worker.settings import MediaSettings
from media_worker.speech.served import speeches
from media_worker.visual import VisualStage
from media_worker.visuals.served import makers
from media_worker.voice import VoiceStage
from media_worker.workspace import sweep
from shared.artifacts.store import ArtifactStore
from shared.messages.commands import AssembleVideo, MakeVisual, RecordVoice, RenderClip
from shared.runtime import service
from shared.runtime.settings import (
    FootageSettings,
    ImageSettings,
    ProcessSettings,
    VoiceSettings,
    read,
)
from shared.runtime.worker import StageSpec, work
from shared.voice_choice import (
    VoiceKeyRefusedError,
    VoiceNotConfiguredError,
    check_voice,
    check_voice_key,
)


async def main(process: ProcessSettings, stop: asyncio.Event) -> None:
    settings, voice = read(MediaSettings), read(VoiceSettings)
    image, footage = read(ImageSettings), read(FootageSettings)
    if "voice" in settings.media_stages:
        await checked(voice)
    sweep()

    def specs(artifacts: ArtifactStore) -> list[StageSpec]:
        renderer = FramesRenderer()
        voices = VoiceStage(*speeches(settings, voice, artifacts), artifacts=artifacts)
        visuals = VisualStage(*makers(image, footage, artifacts), artifacts=artifacts)
        made = (
            ("voice", RecordVoice, voices, settings.slots_of_voice(voice.voice)),
            ("visual", MakeVisual, visuals, settings.visual_slots),
            ("clip", RenderClip, ClipStage(renderer, artifacts), settings.worker_slots),
            ("assembly", AssembleVideo, AssemblyStage(renderer, artifacts), settings.worker_slots),
        )
        return [
            StageSpec(name=name, command=command, stage=stage, slots=slots)
            for name, command, stage, slots in made
            if name in settings.media_stages
        ]

    await work("media-worker", specs, process, stop)


async def checked(voice: VoiceSettings) -> None:
    """Ends the process, in words, when the voice of new runs can't speak here."""
    try:
        check_voice(voice)
        await check_voice_key(voice)
    except (VoiceNotConfiguredError, VoiceKeyRefusedError) as wrong:
        sys.exit(f"{wrong.code}: {wrong.detail}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Reelay's media worker")
    parser.add_argument(
        "--stages", help="which stages to serve, as MEDIA_STAGES: voice,visual,clip,assembly"
    )
    if stages := parser.parse_args().stages:
        os.environ["MEDIA_STAGES"] = stages
    service.run("media-worker", main)
