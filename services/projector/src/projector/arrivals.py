"""Messages of a plain channel as they come, and None once no more will come over it."""

import asyncio

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

Arrivals = asyncio.Queue[AbstractIncomingMessage | None]


async def arrivals_on(channel: AbstractChannel) -> Arrivals:
    """What its consumers are to put into. None follows when the channel is lost, and when somebody
    deleted a queue: the broker tells that once, and whoever misses it is deaf for ever.
    """
    arrivals: Arrivals = asyncio.Queue()
    channel.close_callbacks.add(lambda _channel, _why: arrivals.put_nowait(None))
    cancelled = (await channel.get_underlay_channel()).on_consumer_cancel_callbacks
    cancelled.add(lambda _frame: arrivals.put_nowait(None))
    return arrivals
