"""Real servers for tests: those of ``TEST_*`` URLs, else containers where an engine answers, else
private ones.

Never ``DATABASE_URL``: a test must not touch what somebody works with. Never skipped.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
from support.moto_server import MotoServer

from local_stack.servers.postgres import Postgres
from local_stack.servers.rabbitmq import RabbitMQ

# What a machine without RabbitMQ gets once is kept for the next session.
_KEPT = Path(__file__).parents[2] / ".reelay" / "programs" / "rabbitmq"


@dataclass(slots=True)
class Backends:
    """Addresses of the session's servers, and how to end those that are ours."""

    postgres: str = ""
    rabbitmq: str = ""
    s3: str = ""
    ends: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def start(self, folder: Path, *, postgres: bool, rabbitmq: bool, s3: bool) -> None:
        """Starts what is wanted, side by side."""
        async with asyncio.TaskGroup() as starting:
            if postgres:
                starting.create_task(self._postgres(folder / "postgres"))
            if rabbitmq:
                starting.create_task(self._rabbitmq(folder / "rabbitmq"))
            if s3:
                starting.create_task(self._s3())

    async def stop(self) -> None:
        """Ends them all, the folder that they live in last."""
        first, *others = self.ends
        await asyncio.gather(*(end() for end in others))
        await first()
        self.ends.clear()

    async def _postgres(self, folder: Path) -> None:
        """A server that may create databases."""
        if url := os.environ.get("TEST_DATABASE_URL"):
            self.postgres = url
        elif engine_answers():
            self.postgres = await asyncio.to_thread(self._postgres_container)
        else:
            server = Postgres(folder)
            self.ends.append(server.stop)
            await server.start()
            self.postgres = server.url

    async def _rabbitmq(self, folder: Path) -> None:
        """A broker for this session alone."""
        if url := os.environ.get("TEST_RABBITMQ_URL"):
            self.rabbitmq = url
        elif engine_answers():
            self.rabbitmq = await asyncio.to_thread(self._rabbitmq_container)
        else:
            server = RabbitMQ(folder, kept=_KEPT)
            self.ends.append(server.stop)
            await server.start()
            self.rabbitmq = server.url

    async def _s3(self) -> None:
        server = MotoServer()
        self.ends.append(server.stop)
        await server.start()
        self.s3 = server.url

    def _postgres_container(self) -> str:
        from testcontainers.postgres import PostgresContainer

        container = PostgresContainer("postgres:15-alpine", driver=None).start()
        self.ends.append(lambda: asyncio.to_thread(container.stop))
        return container.get_connection_url()

    def _rabbitmq_container(self) -> str:
        from testcontainers.rabbitmq import RabbitMqContainer

        container = RabbitMqContainer("rabbitmq:4-alpine").start()
        self.ends.append(lambda: asyncio.to_thread(container.stop))
        host, port = container.get_container_host_ip(), container.get_exposed_port(5672)
        return f"amqp://guest:guest@{host}:{port}/"


def engine_answers() -> bool:
    """Whether a container engine can be used here, and may be."""
    if os.environ.get("REELAY_SERVERS") == "private":
        return False
    if not (os.environ.get("DOCKER_HOST") or Path("/var/run/docker.sock").exists()):
        return False
    import docker

    try:
        return bool(docker.from_env(timeout=3).ping())
    except Exception:  # noqa: BLE001  (whatever the engine's trouble is, private servers will do)
        return False


def with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def new_database(server: str, template: str | None = None) -> str:
    """An empty database, or a copy of ``template``; answers its address."""
    name = f"t_{uuid4().hex[:16]}"
    clause = f" TEMPLATE {template}" if template else ""
    execute(server, f"CREATE DATABASE {name}{clause}")
    return with_database(server, name)


def drop_database(server: str, url: str) -> None:
    execute(server, f"DROP DATABASE IF EXISTS {urlsplit(url).path[1:]} WITH (FORCE)")


def execute(url: str, statement: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())
