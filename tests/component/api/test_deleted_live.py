"""What a stream of all projects hears of one that is deleted, and of what comes after."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from support.driving import Driver

from api.estimates import Estimates
from api.live.hub import Hub
from api.live.subscription import Subscription
from api.status import StatusReader, Told
from shared.messages.updates import ProjectChange


class Reader:
    """Reads statuses, but for the time that it is ``away``."""

    def __init__(self) -> None:
        self._reader = StatusReader(Estimates(), poll_after_ms=3_000)
        self.away = False
        self.refused = asyncio.Event()

    async def read(self, conn: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Told]:
        if self.away:
            self.refused.set()
            raise ConnectionError("away")
        return await self._reader.read(conn, ids)


@asynccontextmanager
async def hub_of(engine: AsyncEngine, reader: Reader, *, tick_s: float = 60) -> AsyncIterator[Hub]:
    hub = Hub(engine, reader.read, most_per_user=9, tick_s=tick_s)
    running = asyncio.create_task(hub.run())
    yield hub
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def told(page: Subscription) -> tuple[str, bytes]:
    """The next news: the event's name, and its data."""
    async with asyncio.timeout(10):
        while not (news := await page.next(1)):
            pass
    [one] = news
    return one.event, one.body


def hinted(hub: Hub, project: str) -> None:
    hub.changed([ProjectChange(project_id=UUID(project), user_id="ann")])


async def test_a_project_that_is_restored_is_told_again(driver: Driver) -> None:
    project = await driver.with_script()
    async with hub_of(driver.engine, Reader()) as hub:
        page = hub.subscribe("ann", None)
        hinted(hub, project)
        first = await told(page)
        await driver.call("DELETE", f"/projects/{project}")
        hinted(hub, project)
        second = await told(page)

        await driver.post(f"/projects/{project}/restore")
        hinted(hub, project)
        third = await told(page)
        await driver.post(f"/projects/{project}/production")
        hinted(hub, project)
        fourth = await told(page)

    assert [event for event, _ in (first, second, third)] == ["status", "deleted", "status"]
    assert third == first
    assert b"GENERATING_AUDIO" in fourth[1]


async def test_a_deletion_while_the_database_was_away_is_told_when_it_is_back(
    driver: Driver,
) -> None:
    project, reader = await driver.with_script(), Reader()
    async with hub_of(driver.engine, reader, tick_s=0.05) as hub:
        page = hub.subscribe("ann", None)
        hinted(hub, project)
        await told(page)
        reader.away = True
        hinted(hub, project)
        await reader.refused.wait()
        await driver.call("DELETE", f"/projects/{project}")
        reader.away = False

        assert (await told(page))[0] == "deleted"
