"""Real renders: a cancel ends them at once, and none outlives its worker."""

import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from support.stack import stacked
from support.user import FIVE_SCENES, User, scene
from support.waiting import eventually

from local_stack.stack import Stack

pytestmark = pytest.mark.timeout(300)

DIES_S = 2
DRAWN = "clip.part.mp4"


async def test_a_render_dies_with_its_run_and_with_its_worker(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with (
        stacked(tmp_path, database_url, rabbitmq_url) as (stack, _),
        User(stack.api_url) as user,
    ):
        await user.script(outline=FIVE_SCENES)
        await user.post(f"/projects/{user.project}/production")
        await user.until(_in_the_middle)
        orphan = await eventually(lambda: _render(stack), within=60)
        await stack.kill("media-worker", signal.SIGKILL)
        await eventually(lambda: not _lives(orphan), within=DIES_S)

        render = await eventually(lambda: _render(stack), within=60)
        await user.post(f"/projects/{user.project}/cancel")
        began = time.monotonic()
        await eventually(lambda: not _lives(render), within=DIES_S)

        assert time.monotonic() - began < DIES_S
        await user.until(lambda s: s["status"] == "DRAFT")


def _in_the_middle(status: dict) -> bool:
    return any(
        clip["state"] == "running" and 5 <= clip["percent"] <= 70
        for clip in (scene(status, n, "clip") for n in range(len(status["scenes"])))
    )


def _render(stack: Stack) -> psutil.Process | None:
    """What draws a scene for the worker; None while nothing does, or no worker is there."""
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(stack.pid("media-worker")).children():
            if any(Path(file.path).name == DRAWN for file in child.open_files()):
                return child
    return None


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
