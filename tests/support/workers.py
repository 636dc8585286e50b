"""One worker with quick stages in this process, on its own connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from support.building import opened_script
from support.quick import QuickStage, spec
from support.waiting import eventually

from shared.artifacts.store import ArtifactStore
from shared.messages.commands import WriteScript
from shared.messaging.publisher import Publisher
from shared.messaging.topology import COMMANDS, command_queue
from shared.runtime.settings import ProcessSettings
from shared.runtime.worker import Worker
from shared.store.dispatch import dispatched


@dataclass(slots=True, kw_only=True)
class Working:
    worker: Worker
    stage: QuickStage
    running: asyncio.Task[None]
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def begun(self) -> int:
        return sum(self.stage.entered.values())


@asynccontextmanager
async def working(
    rabbitmq_url: str, folder: Path, *, grace_s: float = 5, publishes_to: str | None = None
) -> AsyncIterator[Working]:
    """A script worker; ``publishes_to``: another way to the broker for its facts."""
    artifacts = ArtifactStore.at(f"file://{folder}")
    stage = QuickStage("script", artifacts)
    stop = asyncio.Event()
    async with Publisher(publishes_to or rabbitmq_url, name="tests", stop=stop) as publisher:
        worker = Worker(
            "worker",
            [spec(stage)],
            rabbitmq_url=rabbitmq_url,
            publisher=publisher,
            artifacts=artifacts,
        )
        running = asyncio.create_task(worker.run(ProcessSettings(grace_s=grace_s), stop))
        one = Working(worker=worker, stage=stage, running=running, stop=stop)
        try:
            await eventually(worker.consuming)
            yield one
        finally:
            stop.set()
            stage.gate.set()
            await running


def a_command() -> WriteScript:
    opened = opened_script()
    _, [command] = dispatched(opened.project, opened.run, datetime.now(UTC))
    assert isinstance(command, WriteScript)
    return command


async def ordered(publisher: Publisher) -> WriteScript:
    """Puts a new command into the queue of scripts."""
    command = a_command()
    await publisher.publish(
        COMMANDS,
        command_queue("script"),
        command.model_dump_json().encode(),
        kind=command.type,
        message_id=str(command.meta.message_id),
    )
    return command
