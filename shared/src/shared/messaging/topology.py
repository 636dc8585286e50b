"""Exchanges, queues and bindings: declared from here by every service at its start, and by no
other module.

Work, facts and milestones travel through durable quorum queues, each with a dead queue beside it.
Only arguments that RabbitMQ 3.10 and 4.x both take are used.
"""

from dataclasses import dataclass
from typing import Any, Final

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel

from shared.messages.base import Stage

COMMANDS: Final = "video.commands"
FACTS: Final = "video.facts"
MILESTONES: Final = "video.milestones"
UPDATES: Final = "video.updates"
CONTROL: Final = "video.control"
DEAD: Final = "video.dead"

FACTS_QUEUE: Final = "projector.facts"
MILESTONES_QUEUE: Final = "notifier.milestones"
ASIDES_QUEUE: Final = "media-worker.preview"

EXCHANGES: Final[dict[str, ExchangeType]] = {
    COMMANDS: ExchangeType.DIRECT,
    FACTS: ExchangeType.DIRECT,
    MILESTONES: ExchangeType.TOPIC,
    UPDATES: ExchangeType.FANOUT,
    CONTROL: ExchangeType.FANOUT,
    DEAD: ExchangeType.DIRECT,
}

COMMAND_LIMIT: Final = 10
# Whoever asked looks for two minutes: what kills workers is not handed to many of them.
ASIDE_LIMIT: Final = 3
FACT_LIMIT: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One queue, one binding, one handler. ``limit``: deliveries before the message goes to the
    dead queue.
    """

    name: str
    exchange: str
    key: str
    limit: int

    @property
    def dead(self) -> str:
        return f"{self.name}.dead"

    @property
    def arguments(self) -> dict[str, Any]:
        return {
            "x-queue-type": "quorum",
            "x-delivery-limit": self.limit,
            "x-dead-letter-exchange": DEAD,
            "x-dead-letter-routing-key": self.dead,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }


def command_queue(stage: Stage) -> str:
    """The queue of a stage's commands, which is its routing key too."""
    return "script-worker.script" if stage == "script" else f"media-worker.{stage}"


def milestone_key(message_type: str) -> str:
    """``script.ready.v1`` → ``script.ready``: readers bind to what happened, not to a version."""
    return message_type.rsplit(".", 1)[0]


STAGES: Final[tuple[Stage, ...]] = ("script", "voice", "clip", "assembly")
QUEUES: Final[tuple[Queue, ...]] = (
    *(
        Queue(name=command_queue(s), exchange=COMMANDS, key=command_queue(s), limit=COMMAND_LIMIT)
        for s in STAGES
    ),
    Queue(name=ASIDES_QUEUE, exchange=COMMANDS, key=ASIDES_QUEUE, limit=ASIDE_LIMIT),
    Queue(name=FACTS_QUEUE, exchange=FACTS, key=FACTS_QUEUE, limit=FACT_LIMIT),
    Queue(name=MILESTONES_QUEUE, exchange=MILESTONES, key="#", limit=COMMAND_LIMIT),
)


async def declare_all(channel: AbstractChannel) -> None:
    """Makes sure that everything exists; harmless when repeated. A queue of the same name but
    other arguments raises.
    """
    exchanges = {
        name: await channel.declare_exchange(name, kind, durable=True)
        for name, kind in EXCHANGES.items()
    }
    for queue in QUEUES:
        dead = await channel.declare_queue(
            queue.dead, durable=True, arguments={"x-queue-type": "quorum"}
        )
        await dead.bind(exchanges[DEAD], queue.dead)
        live = await channel.declare_queue(queue.name, durable=True, arguments=queue.arguments)
        await live.bind(exchanges[queue.exchange], queue.key)
