"""The servers and processes of a benchmark: private ones, with their usual durability."""

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import aio_pika
import asyncpg

from local_stack.processes import Process, Program, until
from local_stack.servers.postgres import Postgres
from local_stack.servers.rabbitmq import RabbitMQ
from shared.messaging.topology import QUEUES, declare_all

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".reelay" / "bench"


_kept: dict[str, Postgres | RabbitMQ] = {}


@asynccontextmanager
async def kept() -> AsyncGenerator[None]:
    """The same servers for every benchmark within: quicker, and never for measuring."""
    async with postgres() as one, rabbitmq() as other:
        _kept.update(postgres=one, rabbitmq=other)
        try:
            yield
        finally:
            _kept.clear()


@asynccontextmanager
async def postgres() -> AsyncGenerator[Postgres]:
    """With fsync on, as it comes."""
    if isinstance(there := _kept.get("postgres"), Postgres):
        yield there
        return
    server = Postgres(FOLDER / "postgres")
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def rabbitmq() -> AsyncGenerator[RabbitMQ]:
    """With nothing in our queues, and of a node's own with no others."""
    if isinstance(there := _kept.get("rabbitmq"), RabbitMQ):
        await _emptied(there.url)
        yield there
        return
    shutil.rmtree(FOLDER / "rabbitmq" / "data", ignore_errors=True)
    server = RabbitMQ(FOLDER / "rabbitmq", kept=ROOT / ".reelay" / "programs" / "rabbitmq")
    await server.start()
    try:
        await _emptied(server.url)
        yield server
    finally:
        await server.stop()


async def _emptied(url: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await declare_all(channel)
        for queue in QUEUES:
            for name in (queue.name, queue.dead):
                await (await channel.get_queue(name, ensure=False)).purge()


async def database(server: Postgres, name: str, *, anew: bool = True) -> str:
    """An empty database of that name (or the one that is there); answers its address."""
    conn = await asyncpg.connect(server.url)
    try:
        there = await conn.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name)
        if there and anew:
            await conn.execute(f"DROP DATABASE {name} WITH (FORCE)")
        if not there or anew:
            await conn.execute(f"CREATE DATABASE {name}")
    finally:
        await conn.close()
    return urlunsplit(urlsplit(server.url)._replace(path=f"/{name}"))


async def versions(postgres_url: str, rabbitmq_url: str = "") -> dict[str, str]:
    """What the servers say of theirs."""
    conn = await asyncpg.connect(postgres_url)
    try:
        found = {"PostgreSQL": (await conn.fetchval("SHOW server_version")).split()[0]}
    finally:
        await conn.close()
    if rabbitmq_url:
        async with await aio_pika.connect(rabbitmq_url) as connection:
            said = connection.transport.connection.server_properties["version"]
            found["RabbitMQ"] = said.decode() if isinstance(said, bytes) else str(said)
    return found


@asynccontextmanager
async def program(
    name: str, command: Sequence[str | Path], *, port: int | None = None, **env: str
) -> AsyncGenerator[Process]:
    """Runs beside us until the end of the block; returns when its port listens."""
    process = Process(
        Program(
            name=name,
            command=command,
            log=FOLDER / "logs" / f"{name}.log",
            env={**_plain(os.environ), **env},
            cwd=ROOT,
        )
    )
    process.start()
    try:
        if port is not None and not await until(lambda: listens(port), within_s=60):
            raise RuntimeError(f"{name} does not listen; see {process.program.log}")
        yield process
    finally:
        await process.stop(grace_s=10)


def _plain(environ: Mapping[str, str]) -> dict[str, str]:
    """Without settings of the user's own that would change what is measured."""
    return {name: environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in environ}


def service(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def migrate(url: str) -> None:
    """The product's tables."""
    process = await asyncio.create_subprocess_exec(
        *service("shared.store.migrate"), env={**_plain(os.environ), "DATABASE_URL": url}, cwd=ROOT
    )
    if await process.wait():
        raise RuntimeError("the tables could not be made")
