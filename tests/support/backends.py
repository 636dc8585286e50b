"""Real servers for tests: those of ``TEST_*`` URLs, else containers where an engine answers, else
private ones.

Never ``DATABASE_URL``: a test must not touch what somebody works with. Never skipped.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from local_stack.servers.postgres import Postgres
from local_stack.servers.rabbitmq import RabbitMQ


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """The address of a server that may create databases."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
    elif engine_answers():
        from testcontainers.postgres import PostgresContainer

        with PostgresContainer("postgres:15-alpine", driver=None) as container:
            yield container.get_connection_url()
    else:
        server = Postgres(folder)
        with _running(server):
            yield server.url()


@contextmanager
def rabbitmq_server(folder: Path) -> Iterator[str]:
    """The address of a broker for this session alone."""
    if url := os.environ.get("TEST_RABBITMQ_URL"):
        yield url
    elif engine_answers():
        from testcontainers.rabbitmq import RabbitMqContainer

        with RabbitMqContainer("rabbitmq:4-alpine") as container:
            host, port = container.get_container_host_ip(), container.get_exposed_port(5672)
            yield f"amqp://guest:guest@{host}:{port}/"
    else:
        server = RabbitMQ(folder)
        with _running(server):
            yield server.url


def engine_answers() -> bool:
    """Whether a container engine can be used here."""
    if not (os.environ.get("DOCKER_HOST") or Path("/var/run/docker.sock").exists()):
        return False
    import docker

    try:
        return bool(docker.from_env(timeout=3).ping())
    except Exception:  # noqa: BLE001  (whatever the engine's trouble is, the private servers will do)
        return False


@contextmanager
def _running(server: Postgres | RabbitMQ) -> Iterator[None]:
    """A server outside any test's event loop: its own loop starts and stops it."""
    with asyncio.Runner() as runner:
        runner.run(server.start())
        try:
            yield
        finally:
            runner.run(server.stop())


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
