"""A broker as a test wants it."""

import aio_pika

from shared.messaging.topology import QUEUES, declare_all


async def clean(url: str) -> None:
    """Every queue is declared anew, and empty."""
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        for queue in QUEUES:
            await channel.queue_delete(queue.name)
            await channel.queue_delete(queue.dead)
        await declare_all(channel)
