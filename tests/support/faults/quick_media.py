"""``python -m support.faults.quick_media``: the media worker with its own runtime and its own paid
voices; its clips and videos are a few frames, made in moments.
"""

import asyncio
import io
import os
from datetime import UTC, datetime
from typing import Any, Final

import av
import numpy as np

from media_worker.settings import MediaSettings
from media_worker.speech.online.openai import OpenAISpeech
from media_worker.voice import VoiceStage
from shared.artifacts.store import ArtifactStore
from shared.engines import FRAMES_RENDERER
from shared.messages.base import FactMeta
from shared.messages.commands import AssembleVideo, RecordVoice, RenderClip
from shared.messages.facts import ClipRendered, Result, VideoAssembled
from shared.messages.manifest import Blob, Frames, Manifest
from shared.runtime import fail_points, service
from shared.runtime.settings import ProcessSettings, VoiceSettings, read
from shared.runtime.work import Report
from shared.runtime.worker import StageSpec, work

WORK_S: Final = float(os.environ.get("QUICK_WORK_S", "0.2"))
_FRAMES: Final = Frames(fps=10, width=64, height=36, head=1, body=8, tail=1)


def _film() -> bytes:
    body = io.BytesIO()
    with av.open(body, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=10, width=64, height=36, pix_fmt="yuv420p")
        for shade in range(10):
            picture = np.full((36, 64, 3), shade * 20, np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode(None))
    return body.getvalue()


_FILM: Final = _film()


class QuickStage:
    """A real file that plays, different for each key. The work is waiting, in steps."""

    engine = FRAMES_RENDERER

    def __init__(self, stage: str, fact: Any, artifacts: ArtifactStore) -> None:
        self._stage = stage
        self._fact = fact
        self._artifacts = artifacts

    async def make(self, command: Any, report: Report) -> Manifest:
        for part in getattr(command, "parts", ()):
            for key in (part.clip_key, part.voice_key):
                await self._artifacts.require(key)
        for step in range(4):
            report.progress(25 * step)
            await asyncio.sleep(WORK_S / 4)
            if step == 1:
                fail_points.reached("worker.working", self._stage)
        blobs = {"video": await self._blob(command.key, ".mp4", "video/mp4")}
        return Manifest(
            key=command.key,
            engine=command.engine,
            blobs=blobs,
            duration_ms=1_000,
            frames=_FRAMES,
            made_at=datetime.now(UTC),
        )

    async def _blob(self, key: str, suffix: str, kind: str) -> Blob:
        """The film with an empty box behind it that holds the key."""
        box = b"free" + key.encode()
        body = _FILM + (len(box) + 4).to_bytes(4, "big") + box
        return await self._artifacts.put_bytes(body, suffix, kind)

    async def result(self, meta: FactMeta, manifest: Manifest) -> Result:
        return self._fact(meta=meta, manifest=manifest)


class QuickVoice(VoiceStage):
    """The real one, with a moment in its middle."""

    async def make(self, command: RecordVoice, report: Report) -> Manifest:
        fail_points.reached("worker.working", "voice")
        return await super().make(command, report)


async def main(process: ProcessSettings, stop: asyncio.Event) -> None:
    settings, voice = read(MediaSettings), read(VoiceSettings)

    def specs(artifacts: ArtifactStore) -> list[StageSpec]:
        voices = QuickVoice(OpenAISpeech(voice, artifacts), artifacts=artifacts)
        clips = QuickStage("clip", ClipRendered, artifacts)
        videos = QuickStage("assembly", VideoAssembled, artifacts)
        slots = settings.worker_slots
        return [
            StageSpec(name="voice", command=RecordVoice, stage=voices, slots=settings.voice_slots),
            StageSpec(name="clip", command=RenderClip, stage=clips, slots=slots),
            StageSpec(name="assembly", command=AssembleVideo, stage=videos, slots=slots),
        ]

    await work("media-worker", specs, process, stop)


if __name__ == "__main__":
    service.run("media-worker", main)
