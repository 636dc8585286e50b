"""The service's process: reads settings, builds adapters, works."""

import asyncio

import structlog

from script_worker.settings import ScriptSettings
from script_worker.stage import ScriptStage
from script_worker.writers.offline import OfflineWriter
from script_worker.writers.port import Writer
from shared.artifacts.store import ArtifactStore
from shared.messages.commands import WriteScript
from shared.runtime.settings import ProcessSettings, WriterSettings, read
from shared.runtime.worker import StageSpec, work
from shared.writers import WriterNotConfiguredError

_log = structlog.get_logger()


def writers(settings: WriterSettings, artifacts: ArtifactStore) -> list[Writer]:
    """The offline writer always; a language model's where one is configured in full."""
    if settings.writer == "offline":
        return [OfflineWriter()]
    # Its client takes a second of every start: it is read only where it is wanted.
    from script_worker.writers.llm.chat import Chat  # noqa: PLC0415
    from script_worker.writers.llm.writer import LlmWriter  # noqa: PLC0415

    try:
        return [OfflineWriter(), LlmWriter(Chat(settings, artifacts))]
    except WriterNotConfiguredError as missing:
        _log.warning("writer.unconfigured", detail=missing.detail)
        return [OfflineWriter()]


async def main(process: ProcessSettings, stop: asyncio.Event) -> None:
    settings = read(WriterSettings)
    slots = read(ScriptSettings).slots(llm=settings.writer != "offline")

    def specs(artifacts: ArtifactStore) -> list[StageSpec]:
        stage = ScriptStage(writers(settings, artifacts), artifacts)
        return [StageSpec(name="script", command=WriteScript, stage=stage, slots=slots)]

    await work("script-worker", specs, process, stop)
