"""What is declared on a real broker."""

import aio_pika
import pytest

from shared.messaging.publisher import Publisher
from shared.messaging.topology import COMMANDS, QUEUES, command_queue, declare_all


async def test_declaring_everything_twice_changes_nothing(rabbitmq_url: str) -> None:
    connection = await aio_pika.connect(rabbitmq_url)
    async with connection:
        channel = await connection.channel()

        await declare_all(channel)
        await declare_all(channel)

        for queue in QUEUES:
            await channel.get_queue(queue.name)
            await channel.get_queue(queue.dead)


async def test_every_queue_is_a_quorum_queue_with_a_dead_queue_beside_it(rabbitmq_url: str) -> None:
    for queue in QUEUES:
        connection = await aio_pika.connect(rabbitmq_url)
        async with connection:
            channel = await connection.channel()
            # A queue of another type or with other arguments is refused by the broker.
            with pytest.raises(aio_pika.exceptions.ChannelPreconditionFailed):
                await channel.declare_queue(
                    queue.name, durable=True, arguments={"x-queue-type": "classic"}
                )
        connection = await aio_pika.connect(rabbitmq_url)
        async with connection:
            channel = await connection.channel()
            live = await channel.get_queue(queue.name)
            await channel.default_exchange.publish(
                aio_pika.Message(b"poison", delivery_mode=2), queue.name
            )
            message = await live.get(timeout=5)
            await message.reject(requeue=False)
            dead = await channel.get_queue(queue.dead)
            assert await _arrives(dead) == b"poison"


async def test_a_command_reaches_its_stages_queue_and_no_other(rabbitmq_url: str) -> None:
    async with Publisher(rabbitmq_url, name="tests") as publisher:
        await publisher.publish(
            COMMANDS, command_queue("clip"), b"{}", kind="clip.render.v1", message_id="1"
        )

        depths = {queue.name: (await publisher.depth(queue.name))[0] for queue in QUEUES}

    assert {name for name, depth in depths.items() if depth} == {"media-worker.clip"}


async def _arrives(queue) -> bytes:
    async with queue.iterator(timeout=5) as messages:
        async for message in messages:
            await message.ack()
            return message.body
    raise AssertionError("nothing came")
