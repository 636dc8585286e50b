"""Waits for previews and samples: each takes a place, and ends when the process stops."""

import asyncio

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from support.driving import BASE, Driver, refused
from support.http import client_of, parts_of
from support.waiting import eventually

from api.app import application
from shared.artifacts.store import ArtifactStore

SAMPLE = "/voices/default/sample"


async def test_a_wait_takes_a_place_of_its_user_and_ends_when_the_process_stops(
    engine: AsyncEngine, artifacts: ArtifactStore
) -> None:
    app = application(parts_of(engine, artifacts, settings={"max_streams": 1}))
    async with client_of(app) as client:
        driver = Driver(client, engine, artifacts)
        await driver.post(SAMPLE)
        waiting = asyncio.create_task(driver.call("GET", f"{SAMPLE}?wait=20"))
        await eventually(lambda: app.state.hub.watching == 1)

        another = await driver.call("GET", f"{SAMPLE}?wait=20")
        at_once = await driver.call("GET", SAMPLE)
        app.state.hub.close()
        first = await asyncio.wait_for(waiting, 5)

    assert refused(another, 429, "too_many_streams")
    assert (at_once.status_code, first.status_code) == (202, 202)
    assert app.state.hub.watching == 0


@pytest.mark.parametrize("speed", [1.0, 1.2, 1.2345678])
async def test_where_a_sample_will_be_is_told_whole_by_post_and_get(
    driver: Driver, speed: float
) -> None:
    asked = await driver.post(SAMPLE, {"speed": speed, "language": "en"})

    again: httpx.Response = asked
    for _ in range(2):
        again = await driver.call("GET", again.headers["location"].removeprefix(BASE))

        assert again.status_code == 202
        assert again.json()["text"] == asked.json()["text"]
        assert again.headers["location"] == asked.headers["location"]
