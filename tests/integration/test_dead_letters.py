"""The broker's dead letters on their way into the database."""

import asyncio
from uuid import uuid4

import aio_pika
from sqlalchemy import select
from support.stored import opened_in
from support.waiting import eventually

from projector.dead_letters import DeadLetters
from shared.messaging.publisher import Publisher
from shared.messaging.topology import COMMANDS, command_queue
from shared.state import ProjectStatus, RunKind
from shared.store import aggregate, tables


async def letters(engine):
    async with engine.connect() as conn:
        return (await conn.execute(select(tables.dead_letters))).all()


async def project_of(engine, opened):
    project_id = opened.project.id
    async with engine.connect() as conn:
        return (await aggregate.load(conn, [project_id]))[project_id].project


async def _failed(engine, opened) -> bool:
    return (await project_of(engine, opened)).status is ProjectStatus.FAILED


async def test_a_dead_command_fails_its_task_and_is_kept_for_operators(
    engine, rabbitmq_url: str
) -> None:
    now = await opened_in(engine, RunKind.SCRIPT)
    async with engine.connect() as conn:
        query = select(tables.outbox.c.body).where(tables.outbox.c.type == "script.write.v1")
        command = bytes((await conn.execute(query)).scalar_one())
    dead = asyncio.create_task(DeadLetters(rabbitmq_url, engine, lambda _: None).run())
    async with Publisher(rabbitmq_url, name="tests") as publisher:
        queue = f"{command_queue('script')}.dead"
        await publisher.publish(
            "video.dead", queue, command, kind="script.write.v1", message_id=str(uuid4())
        )

        await eventually(lambda: _failed(engine, now))

    dead.cancel()
    assert (await project_of(engine, now)).error.code == "worker_crashed"
    assert [letter.type for letter in await letters(engine)] == ["script.write.v1"]


async def test_a_letter_of_the_brokers_tells_where_and_why_it_died(
    engine, rabbitmq_url: str
) -> None:
    queue = command_queue("script")
    dead = asyncio.create_task(DeadLetters(rabbitmq_url, engine, lambda _: None).run())
    async with Publisher(rabbitmq_url, name="tests") as publisher:
        await publisher.publish(COMMANDS, queue, b"no JSON", kind="odd", message_id=str(uuid4()))
    async with await aio_pika.connect(rabbitmq_url) as connection:
        source = await (await connection.channel()).get_queue(queue)
        await (await source.get()).reject(requeue=False)

    await eventually(lambda: letters(engine))

    dead.cancel()
    [letter] = await letters(engine)
    assert (letter.queue, letter.reason, letter.type) == (queue, "rejected", "odd")
    assert letter.body == b"no JSON"
    assert queue in letter.headers["x-death"]
