"""What users of aio-pika do, with the projector's parsing and its ack for many. Nothing is kept.
``COUNT`` messages, timed by itself from the tenth part on: ``TOLD`` is written at the end, the same
with ``.begun`` before.
"""

import asyncio
import json
import os
import time
from pathlib import Path

import aio_pika
import uvloop

from projector.intake import PREFETCH
from projector.reading import parsed
from shared.messaging.topology import FACTS_QUEUE


async def main(count: int, begins: Path) -> dict[str, float]:
    connection = await aio_pika.connect(os.environ["RABBITMQ_URL"])
    channel = await connection.channel(publisher_confirms=False)
    await channel.set_qos(prefetch_count=PREFETCH)
    queue = await channel.get_queue(FACTS_QUEUE, ensure=False)
    arrivals: asyncio.Queue[aio_pika.abc.AbstractIncomingMessage] = asyncio.Queue()
    await queue.consume(arrivals.put)
    begun, seen, started = 0, 0, time.perf_counter()
    spent = time.process_time()
    while seen < count:
        batch = [await arrivals.get()]
        while not arrivals.empty() and len(batch) < PREFETCH:
            batch.append(arrivals.get_nowait())
        for message in batch:
            parsed(message.body, FACTS_QUEUE)
        await batch[-1].ack(multiple=True)
        seen += len(batch)
        if not begun and seen >= count // 10:
            begun, started, spent = seen, time.perf_counter(), time.process_time()
            begins.touch()  # noqa: ASYNC240  (once)
    took, cpu, facts = time.perf_counter() - started, time.process_time() - spent, seen - begun
    await connection.close()
    return {"rate": facts / took, "cpu_us": 1e6 * cpu / facts}


if __name__ == "__main__":
    told = Path(os.environ["TOLD"])
    figures = uvloop.run(main(int(os.environ["COUNT"]), told.with_suffix(".begun")))
    told.write_text(json.dumps(figures))
