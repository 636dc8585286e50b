"""Hints to open pages over a real broker: heard at once, and not needed after it was away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from support.proxy import proxied
from support.stored import opened_in
from support.waiting import eventually

from api.estimates import Estimates
from api.live.hub import Hub
from api.live.subscription import Subscription
from api.live.updates import Updates
from api.status import StatusReader
from shared.messages.updates import ProjectChange
from shared.messaging.announcer import Announcer
from shared.messaging.publisher import Publisher
from shared.runtime.service import supervised
from shared.state import RunKind
from shared.store import tables

NEVER = 3_600.0


@asynccontextmanager
async def hearing(engine, url: str, *, tick_s: float) -> AsyncIterator[Hub]:
    """One API process as far as open pages go."""
    reader = StatusReader(Estimates(), poll_after_ms=3_000)
    hub = Hub(engine, reader.read, most_per_user=9, tick_s=tick_s)
    updates = Updates(url, hub)
    loops = [
        asyncio.create_task(supervised("hub", hub.run, asyncio.Event())),
        asyncio.create_task(supervised("updates", updates.run, asyncio.Event())),
    ]
    try:
        yield hub
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


async def renamed(engine, project_id, progress: int) -> None:
    async with engine.begin() as conn:
        projects = tables.projects
        await conn.execute(
            projects.update()
            .where(projects.c.id == project_id)
            .values(progress=progress, version=projects.c.version + 1)
        )


async def shows(page: Subscription, progress: int) -> bool:
    return any(f'"progress":{progress},'.encode() in told.body for told in await page.next(0.05))


async def test_a_hint_of_one_process_reaches_the_pages_of_all_others(
    engine, rabbitmq_url: str
) -> None:
    project_id = (await opened_in(engine, RunKind.SCRIPT)).project.id
    async with (
        Publisher(rabbitmq_url, name="tests") as publisher,
        hearing(engine, rabbitmq_url, tick_s=NEVER) as one,
        hearing(engine, rabbitmq_url, tick_s=NEVER) as two,
    ):
        announcer = Announcer(publisher)
        unseen = {one.subscribe("ann", project_id), two.subscribe("ann", None)}
        await renamed(engine, project_id, 41)

        async def told() -> bool:
            """Hinted again and again: the first hints may come before the queues exist."""
            announcer.tell([ProjectChange(project_id=project_id, user_id="ann")])
            unseen.difference_update([page for page in unseen if await shows(page, 41)])
            return not unseen

        await eventually(told)


async def test_pages_are_right_again_after_the_link_was_cut(engine, rabbitmq_url: str) -> None:
    project_id = (await opened_in(engine, RunKind.SCRIPT)).project.id
    address = urlsplit(rabbitmq_url)
    async with proxied(address.hostname or "", address.port or 5672) as proxy:
        through = rabbitmq_url.replace(f":{address.port}", f":{proxy.port}")
        async with hearing(engine, through, tick_s=NEVER) as hub:
            page = hub.subscribe("ann", project_id)
            await eventually(lambda: shows(page, 0))
            await renamed(engine, project_id, 57)  # and its hint is lost

            await eventually(proxy.cut)

            await eventually(lambda: shows(page, 57), within=8)
