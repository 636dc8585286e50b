"""Fixtures for all levels: servers once a session, a database and clean queues for each test."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.ext.asyncio import AsyncEngine
from support.backends import Backends, drop_database, new_database
from support.queues import clean

from shared.store.engine import store_engine
from shared.store.migrate import upgrade

# A shared machine is slow at odd moments: an example's time says nothing about the code.
settings.register_profile("reelay", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("reelay")


_BACKENDS = pytest.StashKey[Backends]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="the long faults, too (make faults LONG=1)"
    )
    parser.addoption("--seed", type=int, default=None, help="of the faults that come by chance")
    parser.addoption("--minutes", type=float, default=21, help="how long they come")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long runs when it is asked for."""
    if config.getoption("--long"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Starts the servers that the chosen tests need, before any test's time runs."""
    if session.config.option.collectonly:
        return
    wanted = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    backends = Backends()
    session.config.stash[_BACKENDS] = backends
    folder = Path(tempfile.mkdtemp(prefix="reelay-tests-"))
    starting = backends.start(
        folder,
        postgres="postgres_server" in wanted,
        rabbitmq="rabbitmq_server" in wanted,
        s3="s3_server" in wanted,
    )
    backends.ends.append(lambda: asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))
    asyncio.run(starting)


def pytest_unconfigure(config: pytest.Config) -> None:
    if backends := config.stash.get(_BACKENDS, None):
        asyncio.run(backends.stop())


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> str:
    """The address of a server that may create databases."""
    return pytestconfig.stash[_BACKENDS].postgres


@pytest.fixture(scope="session")
def rabbitmq_server(pytestconfig: pytest.Config) -> str:
    """The address of a broker for this session alone."""
    return pytestconfig.stash[_BACKENDS].rabbitmq


@pytest.fixture(scope="session")
def s3_server(pytestconfig: pytest.Config) -> str:
    """The address of an S3 server without buckets."""
    return pytestconfig.stash[_BACKENDS].s3


@pytest.fixture(scope="session")
def migrated_template(postgres_server: str) -> Iterator[str]:
    """The name of a database with the whole schema, to be copied."""
    url = new_database(postgres_server)
    upgrade(url)
    yield urlsplit(url).path[1:]
    drop_database(postgres_server, url)


@pytest.fixture
def database_url(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """A migrated database of this test's own."""
    url = new_database(postgres_server, migrated_template)
    yield url
    drop_database(postgres_server, url)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """On that database."""
    engine = store_engine(database_url, pool=6, application="tests")
    yield engine
    await engine.dispose()


@pytest.fixture
def empty_database_url(postgres_server: str) -> Iterator[str]:
    """A database without any table."""
    url = new_database(postgres_server)
    yield url
    drop_database(postgres_server, url)


@pytest.fixture
def rabbitmq_url(rabbitmq_server: str) -> str:
    """A broker whose queues are declared and empty."""
    asyncio.run(clean(rabbitmq_server))
    return rabbitmq_server
