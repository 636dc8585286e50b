"""RabbitMQ and PostgreSQL restarted in the middle of things."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.points import Points
from support.previewing import asked, ready
from support.stack import artifacts_made, stacked
from support.user import FIVE_SCENES, TWO_SCENES, User, scene
from support.waiting import eventually

from local_stack.servers.postgres import Postgres
from local_stack.servers.rabbitmq import RabbitMQ
from shared.store.migrate import upgrade_async

# `make test` has them with quick work instead of real clips: test_rabbitmq.py, test_postgres.py
pytestmark = [pytest.mark.timeout(300), pytest.mark.long]


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[RabbitMQ]:
    """A broker of this test's own: it will be stopped under everybody's feet."""
    server = RabbitMQ(tmp_path / "rabbitmq")
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Postgres]:
    server = Postgres(tmp_path / "postgres")
    await server.start()
    await upgrade_async(server.url)
    yield server
    await server.stop()


async def test_the_broker_restarts_in_the_middle_of_a_clip_and_the_clip_is_made_once(
    database_url: str, broker: RabbitMQ, tmp_path: Path
) -> None:
    async with (
        stacked(tmp_path, database_url, broker.url) as (stack, inside),
        User(stack.api_url) as user,
    ):
        await user.script(outline=FIVE_SCENES)
        await user.post(f"/projects/{user.project}/production")
        hit = await user.until(lambda s: any(_in_the_middle(s, n) for n in range(len(s["scenes"]))))
        pid = stack.pid("media-worker")

        await broker.stop()
        await broker.start()

        await user.until(lambda s: s["status"] == "EDITING")
        assert stack.pid("media-worker") == pid, "the worker lived on"
        interrupted = next(n for n in range(len(hit["scenes"])) if _in_the_middle(hit, n))
        key = (await inside.manifests("clip"))[interrupted].key
        assert artifacts_made(stack)[key] == 1
        user.assert_progress_never_fell()


async def test_the_broker_restarts_while_a_preview_is_made_and_another_is_asked_for(
    database_url: str, broker: RabbitMQ, tmp_path: Path
) -> None:
    points = Points(tmp_path / "points")
    env = {"media-worker": points.env("media-worker")}
    async with (
        stacked(tmp_path, database_url, broker.url, env=env) as (stack, _),
        User(stack.api_url) as user,
    ):
        await user.script(outline=TWO_SCENES)
        mark = points.arm("media-worker", "aside.started", signal.SIGSTOP)
        first = await asked(user, 0)
        pid = int(await eventually(lambda: mark.exists() and mark.read_text()))

        await broker.stop()
        os.kill(pid, signal.SIGCONT)
        await asked(user, 1)
        await broker.start()
        second = await asked(user, 1)  # the same question, unless two minutes have passed since

        for place in (first, second):
            assert (await ready(user, place))["voiced"]
        assert stack.pid("media-worker") == pid, "the worker lived on"
        log = (stack.logs / "media-worker.log").read_text()
        made = [line for line in log.splitlines() if "aside.made" in line]
        assert len(made) == 2, "each was made once"


async def test_the_database_restarts_in_the_middle_of_a_run_and_nothing_is_lost(
    rabbitmq_url: str, database: Postgres, tmp_path: Path
) -> None:
    async with (
        stacked(tmp_path, database.url, rabbitmq_url) as (stack, inside),
        User(stack.api_url) as user,
    ):
        await user.script(outline=TWO_SCENES)
        await user.post(f"/projects/{user.project}/production")
        await user.until(lambda s: any(_in_the_middle(s, n) for n in range(len(s["scenes"]))))

        await database.kill()
        await database.start()

        await user.until(lambda s: s["status"] == "EDITING")
        user.assert_progress_never_fell()
        await eventually(lambda: _told(inside))


def _in_the_middle(status: dict, position: int) -> bool:
    clip = scene(status, position, "clip")
    return clip["state"] == "running" and 5 <= clip["percent"] <= 90


async def _told(inside) -> bool:
    return await inside.notices() == ["script.ready", "video.ready"]
