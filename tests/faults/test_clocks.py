"""Machines whose clocks are ten minutes apart: what decides is the database's clock, or none."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.faults import skewed
from support.previewing import asked, ready
from support.stack import ONE_OF_EACH, Inside, stacked
from support.user import TWO_SCENES, User
from support.waiting import eventually

from shared.store import tables

pytestmark = pytest.mark.timeout(300)

SKEW_S = 600
WORKERS = ("script-worker", "media-worker")
CLOCKS = {
    "workers ahead, all others behind": lambda service: 1 if service in WORKERS else -1,
    "workers behind, all others ahead": lambda service: -1 if service in WORKERS else 1,
}


@pytest.mark.long
@pytest.mark.parametrize(
    "how", ["workers ahead, all others behind", "workers behind, all others ahead"]
)
async def test_clocks_that_are_twenty_minutes_apart_hold_nobody_up(
    database_url: str, rabbitmq_url: str, tmp_path: Path, how: str
) -> None:
    sign = CLOCKS[how]
    env = {service: skewed.env(service, SKEW_S * sign(service)) for service in ONE_OF_EACH}
    modules = dict.fromkeys(ONE_OF_EACH, "support.faults.skewed")
    async with (
        stacked(tmp_path, database_url, rabbitmq_url, env=env, modules=modules) as (stack, inside),
        User(stack.api_url) as user,
    ):
        await user.script(outline=TWO_SCENES)
        preview = await asked(user)
        shown = await ready(user, preview)
        video = await user.produce()

        clip = await user.get(shown["clip"]["url"].removeprefix("/api/video-creation"))
        assert b"ftyp" in clip[:16], "a signed link is good"
        assert not any(status["stalled"] for status in user.seen)
        assert (video["progress"], video["error"]) == (100, None)
        user.assert_progress_never_fell()
        await eventually(lambda: _told(inside))
        assert await inside.unpublished() == 0
        assert {row["attempt"] for row in await inside.rows(tables.tasks)} == {1}
        made = (await inside.manifests("clip"))[0].made_at - datetime.now(UTC)
        off = timedelta(seconds=SKEW_S * sign("media-worker"))
        assert abs(made - off) < timedelta(seconds=SKEW_S / 2), "its clock was wrong"


async def _told(inside: Inside) -> bool:
    return await inside.notices() == ["script.ready", "video.ready"]
