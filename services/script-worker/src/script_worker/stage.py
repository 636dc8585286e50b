"""``WriteScript`` → the script, by the writer that the run pinned."""

from datetime import UTC, datetime
from typing import Final

from script_worker.writers.port import Request, Writer
from shared.artifacts.store import ArtifactStore
from shared.messages.base import FactMeta
from shared.messages.commands import WriteScript
from shared.messages.facts import Note, ScriptWritten
from shared.messages.manifest import Manifest
from shared.messages.script import Script
from shared.runtime.work import Report

PREPARED: Final = 10.0
WRITTEN: Final = 95.0


class ScriptStage:
    """Preparing is 10 %; the scenes share the way to 95 %."""

    def __init__(self, writer: Writer, artifacts: ArtifactStore) -> None:
        self.engine = writer.engine
        self._writer = writer
        self._artifacts = artifacts

    async def make(self, command: WriteScript, report: Report) -> Manifest:
        report.progress(PREPARED, Note(code="script_preparing"))

        def wrote(scene: int, scenes: int) -> None:
            share = min(1.0, scene / max(1, scenes))
            percent = PREPARED + (WRITTEN - PREPARED) * share
            report.progress(percent, Note(code="script_writing", params={"scene": scene}))

        request = Request(
            task_id=command.meta.task_id,
            source=command.source,
            title=command.title,
            language=command.meta.language,
            target_seconds=command.target_seconds,
        )
        script = await self._writer.write(request, progress=wrote)
        body = script.model_dump_json().encode()
        return Manifest(
            key=command.key,
            engine=self.engine,
            blobs={"script": await self._artifacts.put_bytes(body, ".json", "application/json")},
            made_at=datetime.now(UTC),
        )

    async def result(self, meta: FactMeta, manifest: Manifest) -> ScriptWritten:
        body = await self._artifacts.read(manifest.blobs["script"])
        return ScriptWritten(meta=meta, manifest=manifest, script=Script.model_validate_json(body))
