"""Stages that make real artifacts of a few bytes: the whole machinery without the heavy work."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.artifacts.store import ArtifactStore
from shared.engines import Engines
from shared.errors import StageError
from shared.messages.base import FactMeta
from shared.messages.commands import (
    AssembleVideo,
    MakeVisual,
    RecordVoice,
    RenderClip,
    WriteScript,
)
from shared.messages.facts import (
    ClipRendered,
    Result,
    ScriptWritten,
    VideoAssembled,
    VisualMade,
    VoiceRecorded,
)
from shared.messages.manifest import Blob, Cue, Frames, Manifest
from shared.messages.script import Scene, Script, scene_id
from shared.runtime.work import Report
from shared.runtime.worker import StageSpec

_RESULTS: dict[str, Any] = {
    "voice": VoiceRecorded,
    "visual": VisualMade,
    "clip": ClipRendered,
    "assembly": VideoAssembled,
}


QUICK_MAKER = "image-quick"


class QuickStage:
    """Counts what it made by task. ``gate`` holds every job until it is set; ``failures`` are
    raised first.
    """

    def __init__(self, name: str, artifacts: ArtifactStore, *, scenes: int = 3) -> None:
        engines = Engines()
        self.name = name
        known = {"script": engines.writer, "voice": engines.voice, "visual": QUICK_MAKER}
        self.engine = known.get(name, engines.renderer)
        self.made: Counter[UUID] = Counter()
        self.entered: Counter[UUID] = Counter()
        self.gate = asyncio.Event()
        self.gate.set()
        self.failures: list[StageError | Exception] = []
        self._artifacts = artifacts
        self._scenes = scenes

    async def make(self, command: Any, report: Report) -> Manifest:
        self.entered[command.meta.task_id] += 1
        report.progress(30)
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        report.progress(80)
        self.made[command.meta.task_id] += 1
        role, blob = await self._blob(command)
        return Manifest(
            key=command.key,
            engine=command.engine,
            blobs={role: blob},
            duration_ms=1_000,
            cues=(Cue(start_ms=0, end_ms=1_000, text="你好"),),
            frames=Frames(fps=30, width=64, height=36, head=1, body=28, tail=1),
            made_at=datetime.now(UTC),
        )

    async def _blob(self, command: Any) -> tuple[str, Blob]:
        if isinstance(command, WriteScript):
            scenes = tuple(
                Scene(
                    id=scene_id(command.meta.task_id, n),
                    narration=f"第{n + 1}段。",
                    heading=f"第{n + 1}段",
                )
                for n in range(self._scenes)
            )
            body = Script(title=command.title or "题目", scenes=scenes).model_dump_json().encode()
            return "script", await self._artifacts.put_bytes(body, ".json", "application/json")
        role = "audio" if isinstance(command, RecordVoice) else "video"
        body = f"{self.name} {command.key}".encode()
        return role, await self._artifacts.put_bytes(body, ".bin", "application/octet-stream")

    async def result(self, meta: FactMeta, manifest: Manifest) -> Result:
        if self.name != "script":
            return _RESULTS[self.name](meta=meta, manifest=manifest)
        body = await self._artifacts.read(manifest.blobs["script"])
        return ScriptWritten(meta=meta, manifest=manifest, script=Script.model_validate_json(body))


COMMANDS: dict[str, Any] = {
    "script": WriteScript,
    "voice": RecordVoice,
    "visual": MakeVisual,
    "clip": RenderClip,
    "assembly": AssembleVideo,
}


def spec(stage: QuickStage, *, slots: int = 2) -> StageSpec:
    return StageSpec(name=stage.name, command=COMMANDS[stage.name], stage=stage, slots=slots)  # type: ignore[arg-type]
