"""What users of aio-pika do, with the projector's parsing and its ack for many. Nothing is kept."""

import asyncio
import os

import aio_pika
import uvloop

from projector.batch import parsed
from projector.intake import PREFETCH
from shared.messaging.topology import FACTS_QUEUE


async def main() -> None:
    connection = await aio_pika.connect(os.environ["RABBITMQ_URL"])
    channel = await connection.channel(publisher_confirms=False)
    await channel.set_qos(prefetch_count=PREFETCH)
    queue = await channel.get_queue(FACTS_QUEUE, ensure=False)
    arrivals: asyncio.Queue[aio_pika.abc.AbstractIncomingMessage] = asyncio.Queue()
    await queue.consume(arrivals.put)
    while True:
        batch = [await arrivals.get()]
        while not arrivals.empty() and len(batch) < PREFETCH:
            batch.append(arrivals.get_nowait())
        for message in batch:
            parsed(message.body, FACTS_QUEUE)
        await batch[-1].ack(multiple=True)


if __name__ == "__main__":
    uvloop.run(main())
