"""Fixtures for all levels: servers once a session, a database and clean queues for each test."""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

import aio_pika
import pytest
from hypothesis import HealthCheck, settings
from support import backends

from shared.messaging.topology import QUEUES, declare_all
from shared.store.migrate import upgrade

# A shared machine is slow at odd moments: an example's time says nothing about the code.
settings.register_profile("reelay", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("reelay")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with backends.postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(scope="session")
def rabbitmq_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with backends.rabbitmq_server(tmp_path_factory.mktemp("rabbitmq")) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_template(postgres_server: str) -> Iterator[str]:
    """The name of a database with the whole schema, to be copied."""
    url = backends.new_database(postgres_server)
    upgrade(url)
    yield urlsplit(url).path[1:]
    backends.drop_database(postgres_server, url)


@pytest.fixture
def database_url(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """A migrated database of this test's own."""
    url = backends.new_database(postgres_server, migrated_template)
    yield url
    backends.drop_database(postgres_server, url)


@pytest.fixture
def empty_database_url(postgres_server: str) -> Iterator[str]:
    """A database without any table."""
    url = backends.new_database(postgres_server)
    yield url
    backends.drop_database(postgres_server, url)


@pytest.fixture
def rabbitmq_url(rabbitmq_server: str) -> str:
    """A broker whose queues are declared and empty."""
    asyncio.run(_clean(rabbitmq_server))
    return rabbitmq_server


async def _clean(url: str) -> None:
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        for queue in QUEUES:
            await channel.queue_delete(queue.name)
            await channel.queue_delete(queue.dead)
        await declare_all(channel)
