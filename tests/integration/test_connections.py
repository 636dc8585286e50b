"""Connections to the database: found dead before they are used, and asked no more than needed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from support.proxy import proxied
from support.waiting import eventually

from shared.store.engine import autocommit, store_engine


async def used(engine: AsyncEngine) -> tuple[int, asyncpg.Connection]:
    """The server process at the other end, and the driver's connection to it."""
    async with autocommit(engine) as conn:
        pid = (await conn.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        return pid, (await conn.get_raw_connection()).driver_connection


@asynccontextmanager
async def engine_to(url: str, **settings) -> AsyncIterator[AsyncEngine]:
    engine = store_engine(url, pool=1, application="ours", **settings)
    try:
        yield engine
    finally:
        await engine.dispose()


async def test_a_connection_that_the_server_ended_is_not_used_again(
    engine: AsyncEngine, database_url: str
) -> None:
    async with engine_to(database_url) as ours:
        first, driver = await used(ours)

        async with autocommit(engine) as other:
            await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": first})
        await eventually(driver.is_closed)

        assert (await used(ours))[0] != first


async def test_a_connection_that_has_gone_silent_is_replaced_once_it_is_asked(
    database_url: str,
) -> None:
    address = urlsplit(database_url)
    async with proxied(address.hostname or "", address.port or 5432) as proxy:
        through = database_url.replace(f":{address.port}", f":{proxy.port}")
        async with engine_to(through, command_timeout_s=1) as ours:
            first, driver = await used(ours)
            proxy.up.clear()  # nobody is told

            again = asyncio.create_task(used(ours))
            await eventually(driver.is_closed)
            proxy.heal()

            assert (await again)[0] != first


async def test_a_connection_is_asked_once_before_each_use_unless_it_is_trusted(
    database_url: str,
) -> None:
    async with engine_to(database_url) as wary, engine_to(database_url, trusted_s=60) as trusting:
        said = {}
        for engine in (wary, trusting):
            await used(engine)
            said[engine] = await heard(engine)

    assert said == {wary: [";"], trusting: []}


async def heard(engine: AsyncEngine) -> list[str]:
    """What its next use says beside its own statement, which is prepared: the driver tells of all
    others.
    """
    asked: list[str] = []
    async with engine.connect() as conn:
        driver = (await conn.get_raw_connection()).driver_connection
    driver.add_query_logger(lambda record: asked.append(record.query))
    async with autocommit(engine) as conn:
        await conn.execute(text("SELECT 1"))
    return asked
