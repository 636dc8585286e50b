"""Polls while the database takes connections and answers nothing: who waits is told soon."""

import asyncio
from collections.abc import Collection
from typing import Any, Self
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from support.hole import holed
from support.waiting import eventually

from api.database import impatient
from api.gathering import Gathered
from api.status import Told
from shared.store.engine import store_engine


class NoServer:
    """An engine; each connection that is asked for waits in ``asked`` until the test refuses it."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Future[None]] = []

    def connect(self) -> Self:
        return self

    async def __aenter__(self) -> None:
        self.asked.append(asyncio.get_running_loop().create_future())
        await self.asked[-1]

    async def __aexit__(self, *_: object) -> None:
        pass


async def never(_: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Told]:
    raise AssertionError(ids)


async def test_two_lanes_without_a_connection_do_not_leave_the_waiting_to_each_other() -> None:
    server: Any = NoServer()
    gathered = Gathered(server, never)
    polls = [asyncio.create_task(gathered.told(uuid4())) for _ in range(2)]
    await eventually(lambda: len(server.asked) == 2)

    server.asked[0].set_exception(TimeoutError("no connection in time"))
    await asyncio.wait(polls, timeout=5)

    assert [type(poll.exception()) for poll in polls if poll.done()] == [TimeoutError] * 2
    server.asked[1].set_exception(TimeoutError())
    await gathered.close()


async def test_a_read_that_hangs_fails_and_with_it_the_question_that_was_left_to_it(
    database_url: str,
) -> None:
    async with holed(database_url) as (hole, url):
        pool = store_engine(url, pool=2, application="tests")
        reading = asyncio.Event()

        async def hanging(conn: AsyncConnection, _: Collection[UUID]) -> dict[UUID, Told]:
            hole.swallowing = True
            reading.set()
            await conn.execute(text("SELECT 1"))
            raise AssertionError("answered after all")

        gathered = Gathered(impatient(pool, wait_s=0.2), hanging)
        first = asyncio.create_task(gathered.told(uuid4()))
        await reading.wait()
        second = asyncio.create_task(gathered.told(uuid4()))

        for poll in (first, second):
            with pytest.raises(TimeoutError):
                await poll
        await gathered.close()
        await pool.dispose()
