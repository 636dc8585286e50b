"""A scene shortened from the HTTP call to the offline writer and back, over real servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.driving import Driver
from support.http import client_of, parts_of
from support.system import System, running
from support.waiting import eventually

from api.app import application
from script_worker.writers.offline import OfflineWriter

ARTICLE = (
    "城市里的雨水管理正在发生变化。过去，人们把雨水尽快排走，管道越修越粗。可是雨越下越急，管道总有装不下的一天。"
    "海绵城市换了一个办法。它让公园、屋顶和路面先把雨水存起来，再慢慢放走。这样一来，街道不容易积水，树木也有水喝。"
)


@asynccontextmanager
async def user_of(system: System) -> AsyncIterator[Driver]:
    async with client_of(application(parts_of(system.engine, system.artifacts))) as client:
        yield Driver(client, system.engine, system.artifacts)


async def ended(system: System, user: Driver, project: str, status: str) -> dict[str, Any]:
    system.relay.wake()

    async def reached() -> bool:
        told = await user.get(f"/projects/{project}/status")
        return told["status"] == status and told["runState"] != "active"

    await eventually(reached)
    return await user.get(f"/projects/{project}")


@pytest.mark.timeout(60)
async def test_the_offline_writer_shortens_one_scene_and_says_what_it_can_not(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with (
        running(database_url, rabbitmq_url, tmp_path, writer=OfflineWriter()) as system,
        user_of(system) as user,
    ):
        project = await user.created(topic=None, article=ARTICLE)
        await user.post(f"/projects/{project}/script")
        written = await ended(system, user, project, "DRAFT")
        number, scene = max(
            enumerate(written["script"]["scenes"]), key=lambda one: len(one[1]["narration"])
        )

        await user.revise(project, number)
        shorter = await ended(system, user, project, "DRAFT")
        await user.post(f"/projects/{project}/production")
        await ended(system, user, project, "EDITING")
        await user.revise(project, number, kind="rewrite")
        refused = await ended(system, user, project, "FAILED")

        told = await user.get(f"/projects/{project}/status")
        after = shorter["script"]["scenes"]
        assert 0 < len(after[number]["narration"]) < len(scene["narration"])
        assert {**after[number], "narration": scene["narration"]} == scene
        others = [one for at, one in enumerate(written["script"]["scenes"]) if at != number]
        assert [one for at, one in enumerate(after) if at != number] == others
        assert told["error"]["code"] == "revision_unsupported"
        assert refused["script"] == shorter["script"]
        assert refused["videoReady"]
