"""``WriteScript`` → the script, by the writer that the run pinned."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from script_worker.writers.port import Request, Writer
from shared.artifacts.receipts import Ticket
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

    def __init__(self, writers: Iterable[Writer], artifacts: ArtifactStore) -> None:
        self._writers = {writer.engine: writer for writer in writers}
        self._artifacts = artifacts

    @property
    def engine(self) -> frozenset[str]:
        return frozenset(self._writers)

    async def make(self, command: WriteScript, report: Report) -> Manifest:
        report.progress(PREPARED, Note(code="script_preparing"))

        def wrote(scene: int, scenes: int) -> None:
            share = min(1.0, scene / max(1, scenes))
            percent = PREPARED + (WRITTEN - PREPARED) * share
            report.progress(
                percent, Note(code="script_writing", params={"scene": _place(command, scene)})
            )

        writer = self._writers[command.engine]
        request = _request(command)
        if command.revise is None:
            written = await writer.write(request, progress=wrote)
        else:
            written = await writer.revise(request, command.revise, progress=wrote)
        body = written.script.model_dump_json().encode()
        return Manifest(
            key=command.key,
            engine=command.engine,
            blobs={"script": await self._artifacts.put_bytes(body, ".json", "application/json")},
            cost=written.cost or None,
            made_at=datetime.now(UTC),
        )

    async def result(self, meta: FactMeta, manifest: Manifest) -> ScriptWritten:
        body = await self._artifacts.read(manifest.blobs["script"])
        return ScriptWritten(meta=meta, manifest=manifest, script=Script.model_validate_json(body))


def _place(command: WriteScript, scene: int) -> int:
    """The scene's number in the script, from 1; a revision writes but one."""
    if command.revise is None:
        return scene
    ids = [one.id for one in command.revise.base.scenes]
    return ids.index(command.revise.scene_id) + 1


def _request(command: WriteScript) -> Request:
    return Request(
        task_id=command.meta.task_id,
        source=command.source,
        title=command.title,
        language=command.meta.language,
        target_seconds=command.target_seconds,
        style=command.style,
        audience=command.audience,
        ticket=Ticket.of(command),
    )
