"""Messages as no service of ours would send them: heard in passing and said again, or made up."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import aio_pika

from shared.messaging.topology import ASIDES_QUEUE, QUEUES, Queue, command_queue

REPEATED = 3
UNSERVED = {ASIDES_QUEUE, command_queue("visual")}  # no previews, no generated pictures here
SERVED = tuple(queue for queue in QUEUES if queue.name not in UNSERVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message as it passed: where it went, and all of it."""

    queue: Queue
    body: bytes
    type: str | None
    message_id: str | None


class Echo:
    """Says all that passes again, several times, in any order, now and later."""

    def __init__(self, channel: Any, chance: Random) -> None:
        self._channel = channel
        self._chance = chance
        self.heard: list[Heard] = []

    async def hear(self, queue: Queue) -> None:
        """Beside ``queue`` there is another one that gets the same."""
        tap = await self._channel.declare_queue(exclusive=True)
        await tap.bind(queue.exchange, queue.key)

        async def heard(message: Any) -> None:
            if (message.app_id or "") == "echo":
                return
            one = Heard(
                queue=queue,
                body=message.body,
                type=message.type,
                message_id=message.message_id,
            )
            self.heard.append(one)
            for _ in range(REPEATED - 1):
                await self.say(self._chance.choice(self.heard))
            await self.say(one)

        await tap.consume(heard, no_ack=True)

    async def say(self, one: Heard) -> None:
        exchange = await self._channel.get_exchange(one.queue.exchange, ensure=False)
        key = "any.thing" if one.queue.key == "#" else one.queue.key
        message = aio_pika.Message(
            one.body, type=one.type, message_id=one.message_id, app_id="echo",
            content_type="application/json", delivery_mode=2,
        )  # fmt: skip
        await exchange.publish(message, key)

    async def all_again(self) -> int:
        """Everything that ever passed, in a random order."""
        again = self._chance.sample(self.heard, k=len(self.heard))
        await asyncio.gather(*map(self.say, again))
        return len(again)


@asynccontextmanager
async def echo(url: str, queues: Sequence[Queue] = SERVED, *, seed: int = 1) -> AsyncIterator[Echo]:
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        echoing = Echo(channel, Random(seed))
        for queue in queues:
            await echoing.hear(queue)
        yield echoing


async def put(url: str, queue: str, *bodies: bytes, kind: str | None = None) -> None:
    """Straight into a queue, as it is."""
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        for body in bodies:
            message = aio_pika.Message(
                body, type=kind, content_type="application/json", delivery_mode=2
            )
            await channel.default_exchange.publish(message, queue)
