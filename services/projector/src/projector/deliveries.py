"""Messages of a plain channel as they come, and None once no more will come over it.

They are aiormq's, from below aio-pika, which would make another task and another object of each.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from uuid import uuid4

from aio_pika.abc import AbstractChannel
from aiormq.abc import DeliveredMessage

Deliveries = asyncio.Queue[DeliveredMessage | None]
Cancel = Callable[[], Awaitable[None]]


async def deliveries_of(
    channel: AbstractChannel, queues: Collection[str]
) -> tuple[Deliveries, Cancel]:
    """What comes from those queues, and how to have no more of it. None follows when the channel is
    lost, and when somebody deleted a queue: the broker tells that once, and whoever misses it is
    deaf for ever.
    """
    deliveries: Deliveries = asyncio.Queue()
    below = await channel.get_underlay_channel()
    channel.close_callbacks.add(lambda _channel, _why: deliveries.put_nowait(None))
    below.on_consumer_cancel_callbacks.add(lambda _frame: deliveries.put_nowait(None))
    tags = {queue: f"{queue}.{uuid4()}" for queue in queues}
    for queue, tag in tags.items():
        await below.basic_consume(queue, deliveries.put, consumer_tag=tag)

    async def cancel() -> None:
        for tag in tags.values():
            await below.basic_cancel(tag)

    return deliveries, cancel


async def ack(message: DeliveredMessage, *, multiple: bool = False) -> None:
    """Done with it; ``multiple``: and with all that came before it."""
    if message.delivery_tag is None:
        raise RuntimeError("a delivery without a tag")
    await message.channel.basic_ack(message.delivery_tag, multiple=multiple)
