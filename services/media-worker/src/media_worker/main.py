"""``python -m media_worker.main [--stages voice,clip]``: reads settings, builds adapters, works."""

import argparse
import asyncio
import os

from media_worker.assembly import AssemblyStage
from media_worker.clip import ClipStage
from media_worker.render.adapter import FramesRenderer
from media_worker.settings import MediaSettings
from media_worker.speech.served import speeches
from media_worker.voice import VoiceStage
from shared.artifacts.store import ArtifactStore
from shared.messages.commands import AssembleVideo, RecordVoice, RenderClip
from shared.runtime import service
from shared.runtime.settings import ProcessSettings, read
from shared.runtime.worker import StageSpec, work


async def main(process: ProcessSettings, stop: asyncio.Event) -> None:
    settings = read(MediaSettings)

    def specs(artifacts: ArtifactStore) -> list[StageSpec]:
        renderer = FramesRenderer()
        made = (
            ("voice", RecordVoice, VoiceStage(*speeches(settings), artifacts=artifacts)),
            ("clip", RenderClip, ClipStage(renderer, artifacts)),
            ("assembly", AssembleVideo, AssemblyStage(renderer, artifacts)),
        )
        return [
            StageSpec(name=name, command=command, stage=stage, slots=settings.worker_slots)
            for name, command, stage in made
            if name in settings.media_stages
        ]

    await work("media-worker", specs, process, stop)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Reelay's media worker")
    parser.add_argument(
        "--stages", help="which stages to serve, as MEDIA_STAGES: voice,clip,assembly"
    )
    if stages := parser.parse_args().stages:
        os.environ["MEDIA_STAGES"] = stages
    service.run("media-worker", main)
