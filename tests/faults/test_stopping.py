"""Each service as a process, told to stop: it ends well, and nothing of the work is lost."""

import signal
import time
from pathlib import Path

import pytest
from support.stack import Inside, stacked
from support.user import TWO_SCENES, User, done, scene

from local_stack.stack import MODULES, Stack
from shared.messages.manifest import Manifest
from shared.store import tables

pytestmark = pytest.mark.timeout(300)


def exit_code(stack: Stack, name: str) -> int | None:
    return stack._supervisor._processes[name].exit_code


def said(tmp_path: Path, name: str) -> str:
    return (tmp_path / "logs" / f"{name}.log").read_text()


async def test_every_service_ends_well_when_told_to(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with (
        stacked(tmp_path, database_url, rabbitmq_url) as (stack, _),
        User(stack.api_url) as user,
    ):
        await user.script(outline=TWO_SCENES)
        stack.restarting = False

        for service in MODULES:
            began = time.monotonic()
            await stack.kill(service, signal.SIGTERM)
            took = time.monotonic() - began

            assert exit_code(stack, service) == 0, service
            assert "service.stopped" in said(tmp_path, service)
            assert "Traceback" not in said(tmp_path, service), service
            assert took < 8, f"{service} had nothing to do and took {took:.1f} s"


async def test_a_clip_that_fits_into_the_grace_is_finished_and_not_made_again(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    env = {"media-worker": {"GRACE_S": "60"}}
    async with (
        stacked(tmp_path, database_url, rabbitmq_url, env=env) as (stack, inside),
        User(stack.api_url) as user,
    ):
        position = await _in_the_middle_of_a_clip(user)
        stack.restarting = False

        await stack.kill("media-worker", signal.SIGTERM)

        assert exit_code(stack, "media-worker") == 0
        await user.until(lambda s: scene(s, position, "clip")["state"] == "done")
        kept = await _clip(inside, position)
        stack.restarting = True
        await user.until(lambda s: s["status"] == "EDITING")
        assert (await _clip(inside, position)).made_at == kept.made_at
        user.assert_progress_never_fell()


@pytest.mark.long  # in `make test` with quick work: test_moments.py
async def test_a_clip_that_does_not_fit_goes_to_another_worker_without_delay(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    env = {"media-worker": {"GRACE_S": "0.1"}}
    async with (
        stacked(tmp_path, database_url, rabbitmq_url, env=env) as (stack, inside),
        User(stack.api_url) as user,
    ):
        await _in_the_middle_of_a_clip(user)

        await stack.kill("media-worker", signal.SIGTERM)

        assert "service.stopped" in said(tmp_path, "media-worker")
        await user.until(lambda s: s["status"] == "EDITING")
        tasks = {row["attempt"] for row in await _tasks(inside)}
        assert tasks == {1}, "a stop is no failed attempt"
        user.assert_progress_never_fell()


@pytest.mark.long
async def test_a_second_signal_does_not_wait_for_the_work(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    env = {"media-worker": {"GRACE_S": "120"}}
    async with (
        stacked(tmp_path, database_url, rabbitmq_url, env=env) as (stack, _),
        User(stack.api_url) as user,
    ):
        await _in_the_middle_of_a_clip(user)
        stack.restarting = False
        process = stack._supervisor._processes["media-worker"]
        process.send(signal.SIGTERM)
        began = time.monotonic()

        await stack.kill("media-worker", signal.SIGINT)

        assert time.monotonic() - began < 5
        assert exit_code(stack, "media-worker") == 1
        stack.restarting = True
        await user.until(lambda s: s["status"] == "EDITING")


async def _in_the_middle_of_a_clip(user: User) -> int:
    """Which scene's."""
    await user.script(outline=TWO_SCENES)
    await user.post(f"/projects/{user.project}/production")
    status = await user.until(lambda s: done(s, "clip") >= 1 and _at_work(s) is not None)
    position = _at_work(status)
    assert position is not None
    return position


def _at_work(status: dict) -> int | None:
    rows = enumerate(status["scenes"])
    return next((n for n, one in rows if one["clip"]["state"] == "running"), None)


async def _clip(inside: Inside, position: int) -> Manifest:
    return (await inside.manifests("clip"))[position]


async def _tasks(inside: Inside) -> list[dict]:
    return await inside.rows(tables.tasks)
