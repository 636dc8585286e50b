"""The real worker with stages that report ten times and make nothing, or only wait: what is left is
ours. ``VOICE_SECONDS`` and so on: how long; ``SLOTS``: how many of a stage at once.
"""

import asyncio
import os
from datetime import UTC, datetime
from typing import Any

from shared.artifacts.store import ArtifactStore
from shared.engines import Engines
from shared.messages.base import FactMeta
from shared.messages.base import Stage as StageName
from shared.messages.commands import AssembleVideo, Command, RecordVoice, RenderClip
from shared.messages.facts import ClipRendered, Result, VideoAssembled, VoiceRecorded
from shared.messages.manifest import Cue, Frames, Manifest
from shared.runtime import service
from shared.runtime.settings import ProcessSettings
from shared.runtime.work import Report
from shared.runtime.worker import StageSpec, work

REPORTS = 10
SLOTS = int(os.environ.get("SLOTS", "32"))
_STAGES: dict[StageName, tuple[type[Command], Any]] = {
    "voice": (RecordVoice, VoiceRecorded),
    "clip": (RenderClip, ClipRendered),
    "assembly": (AssembleVideo, VideoAssembled),
}


class Nothing:
    def __init__(self, name: StageName) -> None:
        self.engine = Engines().voice if name == "voice" else Engines().renderer
        self._fact = _STAGES[name][1]
        self._seconds = float(os.environ.get(f"{name.upper()}_SECONDS", "0"))

    async def make(self, command: Any, report: Report) -> Manifest:
        for step in range(1, REPORTS + 1):
            report.progress(100 * step / (REPORTS + 1))
            await asyncio.sleep(self._seconds / REPORTS)
        return Manifest(
            key=command.key,
            engine=command.engine,
            blobs={},
            duration_ms=1_000,
            cues=(Cue(start_ms=0, end_ms=1_000, text="x"),),
            frames=Frames(fps=30, width=64, height=36, head=1, body=28, tail=1),
            made_at=datetime.now(UTC),
        )

    async def result(self, meta: FactMeta, manifest: Manifest) -> Result:
        return self._fact(meta=meta, manifest=manifest)


async def main(process: ProcessSettings, stop: asyncio.Event) -> None:
    def specs(_: ArtifactStore) -> list[StageSpec]:
        return [
            StageSpec(name=name, command=command, stage=Nothing(name), slots=SLOTS)
            for name, (command, _) in _STAGES.items()
        ]

    await work("media-worker", specs, process, stop)


if __name__ == "__main__":
    service.run("bench-worker", main)
