"""A worker process: commands in, jobs, facts out; control heard; stopped without losing
anything.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import structlog
from faststream import AckPolicy
from faststream.exceptions import NackMessage
from faststream.rabbit import (
    Channel,
    ExchangeType,
    QueueType,
    RabbitBroker,
    RabbitExchange,
    RabbitMessage,
    RabbitQueue,
)
from pydantic import TypeAdapter

from shared.artifacts.store import ArtifactStore
from shared.errors import HandedBackError
from shared.messages.asides import AnyAside
from shared.messages.base import Stage as StageName
from shared.messages.commands import Command
from shared.messages.control import StopRun
from shared.messaging.consuming import consumes, take_no_more
from shared.messaging.emitter import Emitter
from shared.messaging.publisher import HEARTBEAT_S, Publisher
from shared.messaging.topology import ASIDES_QUEUE, CONTROL, FACTS, FACTS_QUEUE, command_queue
from shared.runtime import health
from shared.runtime.asides import Asides, AsideSpec
from shared.runtime.service import supervised
from shared.runtime.settings import ArtifactSettings, BusSettings, ProcessSettings, read
from shared.runtime.work import Jobs, Stage, delivery_of

_log = structlog.get_logger()
_STARTUP_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSpec:
    """One stage that this process serves: ``slots`` jobs at once, which is its prefetch too."""

    name: StageName
    command: type[Command]
    stage: Stage
    slots: int


Spec = StageSpec | AsideSpec


class Worker:
    """Everything between the broker and the stages of one process."""

    def __init__(
        self,
        name: str,
        specs: Sequence[Spec],
        *,
        rabbitmq_url: str,
        publisher: Publisher,
        artifacts: ArtifactStore,
    ) -> None:
        self._publisher = publisher
        self._emitter = Emitter(self._send_facts)
        stages = [spec for spec in specs if isinstance(spec, StageSpec)]
        asides = [spec for spec in specs if isinstance(spec, AsideSpec)]
        self._jobs: Mapping[str, Jobs] = {
            spec.name: Jobs(spec.stage, self._emitter, artifacts, slots=spec.slots)
            for spec in stages
        }
        self._asides = [Asides(spec, artifacts) for spec in asides]
        self._broker = RabbitBroker(
            f"{rabbitmq_url}{'&' if '?' in rabbitmq_url else '?'}heartbeat={HEARTBEAT_S}",
            logger=None,
            apply_types=False,
            graceful_timeout=_STARTUP_S,
            fail_fast=False,
            reconnect_interval=1,
        )
        self._queues = [command_queue(spec.name) for spec in stages] + [
            ASIDES_QUEUE for _ in asides
        ]
        for spec in stages:
            self._subscribe(spec)
        for spec, jobs in zip(asides, self._asides, strict=True):
            self._subscribe_asides(spec, jobs)
        self._hear_control(name)

    async def run(self, settings: ProcessSettings, stop: asyncio.Event) -> None:
        """Until ``stop``: then takes no more, gives its jobs the grace time, and hands back the
        rest.
        """
        sending = asyncio.create_task(
            supervised("emitter", self._emitter.run, stop=asyncio.Event())
        )
        await self._broker.start()
        _log.info("worker.consuming", queues=self._queues)
        await stop.wait()
        await take_no_more(self._broker)
        working = (*self._jobs.values(), *self._asides)
        await asyncio.gather(*(jobs.drain(settings.grace_s) for jobs in working))
        await self._broker.stop()
        sending.cancel()

    async def consuming(self) -> bool:
        """By our own account and by the broker's: either alone may be wrong."""
        return consumes(self._broker) and await self._publisher.consumed(self._queues)

    def _subscribe(self, spec: StageSpec) -> None:
        jobs = self._jobs[spec.name]

        async def handle(taken: tuple[Command, int]) -> None:
            command, delivery = taken
            structlog.contextvars.bind_contextvars(
                project_id=str(command.meta.project_id),
                run=str(command.meta.run_id),
                message_id=str(command.meta.message_id),
            )
            with _handing_back():
                await jobs.handle(command, delivery)

        self._listen(command_queue(spec.name), spec.slots, spec.command, handle)

    def _subscribe_asides(self, spec: AsideSpec, jobs: Asides) -> None:
        async def handle(taken: tuple[AnyAside, int]) -> None:
            command, _ = taken
            structlog.contextvars.bind_contextvars(message_id=str(command.meta.message_id))
            with _handing_back():
                await jobs.handle(command)

        self._listen(ASIDES_QUEUE, spec.slots, AnyAside, handle)

    def _listen(
        self, queue: str, slots: int, shape: Any, handle: Callable[..., Awaitable[None]]
    ) -> None:
        self._broker.subscriber(
            RabbitQueue(queue, queue_type=QueueType.QUORUM, declare=False),
            channel=Channel(prefetch_count=slots),
            decoder=_decoding(shape),
            ack_policy=AckPolicy.REJECT_ON_ERROR,
            no_reply=True,
        )(handle)

    def _hear_control(self, name: str) -> None:
        async def stop_run(taken: tuple[StopRun, int]) -> None:
            order, _ = taken
            if order.finish:
                return
            for jobs in self._jobs.values():
                jobs.stop_run(order.meta.run_id)

        self._broker.subscriber(
            RabbitQueue(
                f"{name}.control.{uuid4().hex[:12]}",
                durable=False,
                exclusive=True,
                auto_delete=True,
            ),
            RabbitExchange(CONTROL, type=ExchangeType.FANOUT, durable=True, declare=False),
            channel=Channel(prefetch_count=50),
            decoder=_decoding(StopRun),
            ack_policy=AckPolicy.REJECT_ON_ERROR,
            no_reply=True,
        )(stop_run)

    async def _send_facts(self, body: bytes, message_id: str) -> None:
        await self._publisher.publish(
            FACTS, FACTS_QUEUE, body, kind="facts.v1", message_id=message_id
        )


def _decoding(shape: Any) -> Callable[[RabbitMessage], Awaitable[tuple[Any, int]]]:
    """What a message says, and how often it was delivered before. Raises ValidationError. Not left
    to the library, whose injection takes a thread for each message.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(shape)

    async def decoded(message: RabbitMessage) -> tuple[Any, int]:
        return adapter.validate_json(message.body), delivery_of(message.headers)

    return decoded


@contextmanager
def _handing_back() -> Generator[None]:
    """What stops with this process is nacked, which newer brokers don't count as a failure; what
    breaks here goes to the dead queue, and is told in the log.
    """
    try:
        yield
    except HandedBackError:
        raise NackMessage from None
    except Exception:
        _log.exception("command.rejected")
        raise


async def work(
    name: str,
    specs: Callable[[ArtifactStore], Sequence[Spec]],
    process: ProcessSettings,
    stop: asyncio.Event,
) -> None:
    """A worker's whole life: settings of bus and artifacts, adapters, and the loop until
    ``stop``.
    """
    bus, files = read(BusSettings), read(ArtifactSettings)
    artifacts = ArtifactStore.at(files.artifacts_url, files)
    await artifacts.probe()
    publisher = Publisher(bus.rabbitmq_url, name=name, timeout_s=bus.publish_timeout_s, stop=stop)
    worker = Worker(
        name,
        specs(artifacts),
        rabbitmq_url=bus.rabbitmq_url,
        publisher=publisher,
        artifacts=artifacts,
    )
    checks: dict[str, health.Check] = {
        "staying": lambda: not stop.is_set(),
        "publishing": publisher.publishes,
        "consuming": worker.consuming,
    }
    async with health.serving(process.health_host, process.health_port, checks), publisher:
        await worker.run(process, stop)
