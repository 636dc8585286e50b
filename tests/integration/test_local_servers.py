"""Private servers: what was stored survives a stop and a kill; nothing is left running."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aio_pika
import asyncpg
import pytest

from local_stack.roster import Roster, wait_gone
from local_stack.servers.postgres import Postgres
from local_stack.servers.rabbitmq import RabbitMQ

pytestmark = pytest.mark.timeout(120)


@asynccontextmanager
async def running(server: Postgres | RabbitMQ) -> AsyncIterator[None]:
    await server.start()
    try:
        yield
    finally:
        await server.stop()


async def sql(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def send(url: str, body: bytes) -> None:
    """Returns when the broker has stored it."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.declare_queue("kept", durable=True, arguments={"x-queue-type": "quorum"})
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, "kept")


async def received(url: str) -> bytes:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(
            "kept", durable=True, arguments={"x-queue-type": "quorum"}
        )
        async with queue.iterator(timeout=20) as messages:
            async for message in messages:
                await message.ack()
                return message.body
    raise AssertionError("no message")


async def test_a_row_survives_a_stop_and_a_kill_at_the_same_address(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "a folder with spaces")
    async with running(server):
        first = server.url
        await sql(first, "CREATE TABLE kept (n int)")
        await sql(first, "INSERT INTO kept VALUES (1)")
        await server.stop()
        await server.start()
        await sql(first, "INSERT INTO kept VALUES (2)")
        await server.kill()
        await server.start()

        assert server.url == first
        assert await sql(first, "SELECT count(*) FROM kept") == 2


async def test_what_a_new_node_was_first_given_survives_a_kill_once_it_is_written(
    tmp_path: Path,
) -> None:
    server = RabbitMQ(tmp_path / "new")
    async with running(server):
        await send(server.url, b"first of all")
        await server.written()
        await server.kill()
        await server.start()
        assert await received(server.url) == b"first of all"


async def test_a_message_survives_a_kill_at_the_same_address(tmp_path: Path) -> None:
    server = RabbitMQ(tmp_path / "a folder with spaces")
    async with running(server):
        first = server.url
        await send(first, b"first")
        await server.stop()  # a node writes down a queue's name half a second after it was declared
        await server.start()
        assert await received(first) == b"first"
        await send(first, b"hello")

        await server.kill()
        await server.start()

        assert server.url == first
        assert await received(first) == b"hello"


async def test_a_later_stack_in_the_same_folder_finds_what_was_stored(tmp_path: Path) -> None:
    async with running(Postgres(tmp_path)) as _:
        pass
    again = Postgres(tmp_path)
    async with running(again):
        assert await sql(again.url, "SHOW fsync") == "on"


async def test_servers_ask_for_a_password(tmp_path: Path) -> None:
    server = Postgres(tmp_path)
    async with running(server):
        stranger = server.url.replace(server.url.split(":")[2].split("@")[0], "guess")

        with pytest.raises(asyncpg.InvalidPasswordError):
            await sql(stranger, "SELECT 1")


async def test_two_folders_run_side_by_side_and_leave_no_process(tmp_path: Path) -> None:
    rosters = [Roster(tmp_path / name / "processes.json") for name in ("one", "two")]
    servers = [
        RabbitMQ(tmp_path / name, roster=roster)
        for name, roster in zip(("one", "two"), rosters, strict=True)
    ]
    await asyncio.gather(*(server.start() for server in servers))
    started = [process for roster in rosters for process in roster.leftovers()]
    await send(servers[0].url, b"one")
    await send(servers[1].url, b"two")

    assert await received(servers[0].url) == b"one"

    await asyncio.gather(*(server.stop() for server in servers))
    assert len(started) == 4, "a node and its port mapper in each folder"
    assert wait_gone(started, timeout_s=5) == []
