"""Messages of a plain channel as they come, and None once no more will come over it.

As the protocol's own layer has them: of aio-pika's each costs another task and another object, for
the projector as much as writing a fact.
"""

import asyncio
from collections.abc import Iterable

from aio_pika.abc import AbstractChannel
from aiormq.abc import DeliveredMessage

Deliveries = asyncio.Queue[DeliveredMessage | None]


async def deliveries_of(
    channel: AbstractChannel, queues: Iterable[str]
) -> tuple[Deliveries, list[str]]:
    """What comes from those queues, and their consumers' tags. None follows when the channel is
    lost, and when somebody deleted a queue: the broker tells that once, and whoever misses it is
    deaf for ever.
    """
    deliveries: Deliveries = asyncio.Queue()
    below = await channel.get_underlay_channel()
    channel.close_callbacks.add(lambda _channel, _why: deliveries.put_nowait(None))
    below.on_consumer_cancel_callbacks.add(lambda _frame: deliveries.put_nowait(None))
    tags = [str((await below.basic_consume(q, deliveries.put)).consumer_tag) for q in queues]
    return deliveries, tags


async def ack(message: DeliveredMessage, *, multiple: bool = False) -> None:
    """Done with it; ``multiple``: and with all that came before it."""
    if message.delivery_tag is None:
        raise RuntimeError("a delivery without a tag")
    await message.channel.basic_ack(message.delivery_tag, multiple=multiple)
