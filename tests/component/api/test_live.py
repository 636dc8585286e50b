"""Open pages over a real server: snapshot, changes, lost hints, tickets, limits, slow readers."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, text
from sqlalchemy.ext.asyncio import AsyncEngine
from support.driving import BASE, Driver, refused
from support.events import following
from support.http import parts_of, served
from support.waiting import eventually

from api.app import application
from api.live.hub import Hub
from shared.artifacts.store import ArtifactStore
from shared.messages.updates import ProjectChange
from shared.store import tables

QUICK = {"stream_alive_s": 0.05, "slow_reader_s": 0.3, "max_streams": 4}


class Live:
    """A driver over a real server, and the hub behind it. Hints go only where a test gives them."""

    def __init__(self, driver: Driver, hub: Hub, url: str) -> None:
        self.driver = driver
        self.client = driver.client
        self.hub = hub
        self.url = url

    def hint(self, project: str, user: str = "ann") -> None:
        """What the broker tells after the projector's commit."""
        self.hub.changed([ProjectChange(project_id=UUID(project), user_id=user)])


@pytest.fixture
async def live(engine: AsyncEngine, artifacts: ArtifactStore) -> AsyncIterator[Live]:
    app = application(parts_of(engine, artifacts, settings=QUICK))
    async with served(app) as url, httpx.AsyncClient(base_url=url, timeout=10) as client:
        yield Live(Driver(client, engine, artifacts), app.state.hub, url)


async def test_a_page_gets_a_snapshot_and_then_each_change(live: Live) -> None:
    project = await live.driver.created()

    async with following(live.client, f"/projects/{project}/events") as page:
        await eventually(lambda: page.seen)
        await live.driver.post(f"/projects/{project}/script")
        await eventually(lambda: page.seen[-1]["status"] == "GENERATING_SCRIPT")
        await live.driver.work(project, "script")
        live.hint(project)
        await eventually(lambda: page.seen[-1]["scriptReady"])

    assert page.seen[0]["status"] == "DRAFT"
    assert page.seen[-1] == await live.driver.get(f"/projects/{project}/status")


async def test_an_update_that_was_lost_reaches_the_page_all_the_same(live: Live) -> None:
    project = await live.driver.created()
    await live.driver.post(f"/projects/{project}/script")

    async with following(live.client, f"/projects/{project}/events") as page:
        await eventually(lambda: page.seen)
        await live.driver.work(project, "script")  # no hint at all

        await eventually(lambda: page.seen[-1]["scriptReady"], within=5)


async def test_silent_work_shows_as_stalled_without_any_change_in_the_database(live: Live) -> None:
    project = await live.driver.created()
    await live.driver.post(f"/projects/{project}/script")
    await live.driver.start(project)

    async with following(live.client, f"/projects/{project}/events") as page:
        await eventually(lambda: page.seen and page.seen[-1]["lastSeenAt"])
        async with live.driver.engine.begin() as conn:
            late = func.now() - text("interval '14 seconds'")
            await conn.execute(tables.tasks.update().values(last_seen_at=late))

        await eventually(lambda: page.seen[-1]["stalled"], within=8)


async def test_nothing_new_is_not_sent_again_but_the_page_hears_that_we_live(live: Live) -> None:
    project = await live.driver.created()

    async with following(live.client, f"/projects/{project}/events") as page:
        await eventually(lambda: page.seen)
        for _ in range(20):
            live.hint(project)
            await asyncio.sleep(0)
        await eventually(lambda: page.alive >= 3)

    assert len(page.seen) == 1
    status = await live.driver.call("GET", f"/projects/{project}/status")
    assert page.ids == [status.headers["etag"].strip('"')]


async def test_a_page_that_comes_back_gets_what_is_now(live: Live) -> None:
    project = await live.driver.created()
    async with following(live.client, f"/projects/{project}/events") as first:
        await eventually(lambda: first.seen)
    await live.driver.post(f"/projects/{project}/script")

    async with following(live.client, f"/projects/{project}/events") as again:
        await eventually(lambda: again.seen)

    assert again.seen[0]["status"] == "GENERATING_SCRIPT"


async def test_one_stream_follows_all_projects_of_its_user_and_no_others(live: Live) -> None:
    mine, other = await live.driver.created(), await live.driver.created()
    foreign = (await live.driver.post("/projects", {"topic": "x"}, user="bob")).json()["projectId"]

    async with following(live.client, "/events") as page:
        await eventually(lambda: {s["projectId"] for s in page.seen} == {mine, other})
        fresh = await live.driver.created()
        for project, user in ((fresh, "ann"), (foreign, "bob")):
            await live.driver.post(f"/projects/{project}/script", user=user)
            live.hint(project, user)
        await eventually(lambda: (page.last(fresh) or {}).get("status") == "GENERATING_SCRIPT")
        await live.driver.work(fresh, "script")  # this hint is lost

        await eventually(lambda: (page.last(fresh) or {}).get("scriptReady"), within=5)

    assert {s["projectId"] for s in page.seen} == {mine, other, fresh}


async def test_a_deleted_project_ends_its_stream(live: Live) -> None:
    project = await live.driver.created()

    async with following(live.client, f"/projects/{project}/events") as page:
        await eventually(lambda: page.seen)
        await live.driver.call("DELETE", f"/projects/{project}")

        await eventually(lambda: page.ended)


async def test_a_stream_of_all_projects_says_which_one_was_deleted(live: Live) -> None:
    project = await live.driver.with_script()
    async with following(live.client, "/events") as page:
        await eventually(lambda: page.seen)
        await live.driver.call("DELETE", f"/projects/{project}")

        await eventually(lambda: page.seen[-1] == {"projectId": project}, within=5)


async def test_a_project_that_can_not_be_told_silences_no_other(live: Live) -> None:
    broken, well = await live.driver.created(), await live.driver.created()
    async with following(live.client, f"/projects/{well}/events") as page:
        await eventually(lambda: page.seen)
        async with (
            following(live.client, f"/projects/{broken}/events"),
            live.driver.engine.begin() as conn,
        ):
            odd = tables.projects.update().where(tables.projects.c.id == UUID(broken))
            script = {"scenes": [{"id": "a"}, {"id": "b", "heading": "x"}]}
            await conn.execute(odd.values(script=script, version=tables.projects.c.version + 1))
        live.hint(broken)
        await live.driver.post(f"/projects/{well}/script")

        await eventually(lambda: page.seen[-1]["status"] == "GENERATING_SCRIPT", within=5)


async def test_a_long_poll_of_a_project_that_is_deleted_ends_with_a_404(live: Live) -> None:
    project = await live.driver.created()
    seen = (await live.driver.call("GET", f"/projects/{project}/status")).headers["etag"]

    waiting = asyncio.create_task(
        live.driver.call(
            "GET", f"/projects/{project}/status", params={"wait": "20", "etag": seen.strip('"')}
        )
    )
    await eventually(lambda: live.hub.watching == 1)
    await live.driver.call("DELETE", f"/projects/{project}")

    assert refused(await waiting, 404, "project_not_found")


async def test_a_stop_of_the_server_ends_every_stream_at_once(live: Live) -> None:
    async with (
        following(live.client, "/events") as all_of_mine,
        following(live.client, f"/projects/{await live.driver.created()}/events") as one,
    ):
        live.hub.close()

        await eventually(lambda: one.ended and all_of_mine.ended)


async def test_a_ticket_opens_a_stream_once(live: Live) -> None:
    project = await live.driver.created()
    ticket = (await live.driver.post("/events/tickets")).json()["ticket"]
    path = f"/projects/{project}/events"

    async with following(live.client, path, user="nobody", ticket=ticket) as page:
        await eventually(lambda: page.seen)
    again = await live.driver.call("GET", f"{path}?ticket={ticket}")

    assert refused(again, 401, "ticket_invalid")


async def test_a_ticket_is_good_for_a_minute(live: Live) -> None:
    ticket = (await live.driver.post("/events/tickets")).json()["ticket"]
    async with live.driver.engine.begin() as conn:
        past = func.now() - text("interval '1 second'")
        await conn.execute(tables.tickets.update().values(expires_at=past))

    answer = await live.driver.call("GET", f"/events?ticket={ticket}")

    assert refused(answer, 401, "ticket_invalid")


async def test_streams_above_a_users_limit_are_refused_and_places_come_free(live: Live) -> None:
    async with (
        following(live.client, "/events"),
        following(live.client, "/events"),
        following(live.client, "/events"),
    ):
        async with following(live.client, "/events"):
            answer = await live.driver.call("GET", "/events")
            assert refused(answer, 429, "too_many_streams")
            assert answer.headers["retry-after"]
            async with following(live.client, "/events", user="bob"):
                pass

        async def free() -> bool:
            async with live.client.stream(
                "GET", f"{BASE}/events", headers={"x-user": "ann"}
            ) as answer:
                return answer.status_code == 200

        await eventually(free)


async def test_a_reader_that_takes_nothing_is_dropped_and_the_others_go_on(live: Live) -> None:
    project = await live.driver.with_script()
    address = urlsplit(live.url)
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        deaf.connect((address.hostname, address.port))
        deaf.sendall(
            f"GET {BASE}/projects/{project}/events HTTP/1.1\r\nHost: {address.netloc}\r\n"
            "x-user: ann\r\n\r\n".encode()
        )
        await eventually(lambda: live.hub.watching == 1)
        async with following(live.client, f"/projects/{project}/events") as page:
            await eventually(lambda: live.hub.watching == 2)
            number = 0

            async def dropped() -> bool:
                nonlocal number
                number += 1
                await _retitle(live, project, f"{number}" * 400)
                return live.hub.watching == 1

            await eventually(dropped, within=15, every=0)
            await _retitle(live, project, "the end")
            await eventually(lambda: page.seen[-1]["progressMessage"] == "the end")


async def _retitle(live: Live, project: str, words: str) -> None:
    """A large change: the message of the status."""
    async with live.driver.engine.begin() as conn:
        values: dict[str, Any] = {"progress_message": words[:500]}
        version = tables.projects.c.version + 1
        where = tables.projects.c.id == UUID(project)
        await conn.execute(tables.projects.update().where(where).values(version=version, **values))
    live.hint(project)


async def test_a_long_poll_answers_as_soon_as_something_changes(live: Live) -> None:
    project = await live.driver.created()
    seen = (await live.driver.call("GET", f"/projects/{project}/status")).headers["etag"]
    path = f"/projects/{project}/status"

    waiting = asyncio.create_task(
        live.driver.call("GET", path, params={"wait": "20", "etag": seen})
    )
    await eventually(lambda: live.hub.watching == 1)
    await live.driver.post(f"/projects/{project}/script")
    answer = await waiting

    assert answer.json()["status"] == "GENERATING_SCRIPT"
    assert live.hub.watching == 0


async def test_a_long_poll_without_news_ends_as_unchanged(live: Live) -> None:
    project = await live.driver.created()
    seen = (await live.driver.call("GET", f"/projects/{project}/status")).headers["etag"]

    same = await live.driver.call(
        "GET",
        f"/projects/{project}/status",
        params={"wait": "0.05"},
        headers={"If-None-Match": seen},
    )
    old = await live.driver.call(
        "GET", f"/projects/{project}/status", params={"wait": "20", "etag": '"older"'}
    )

    assert (same.status_code, old.status_code) == (304, 200)
