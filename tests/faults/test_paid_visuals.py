"""The whole system with paid providers: a video with a picture and footage, its worker killed."""

import signal
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.footage_server import footage_server
from support.image_server import image_server
from support.stack import stacked
from support.user import TWO_SCENES, User, done
from support.waiting import eventually

pytestmark = [pytest.mark.timeout(300), pytest.mark.long]  # each gap: test_killed_visuals.py
PROMPT = "雨后的城市公园"
CARDS = ({"kind": "picture", "prompt": PROMPT}, {"kind": "footage", "prompt": PROMPT})


async def asked_for(user: User, api_url: str) -> None:
    """Both scenes ask for something to be made."""
    path = f"/api/video-creation/projects/{user.project}"
    view = await user.get(f"/projects/{user.project}")
    scenes = [
        {**scene, "card": card} for scene, card in zip(view["script"]["scenes"], CARDS, strict=True)
    ]
    async with httpx.AsyncClient(base_url=api_url) as client:
        answer = await client.put(
            f"{path}/script",
            json={"title": view["script"]["title"], "scenes": scenes},
            headers={"If-Match": f'"{view["scriptVersion"]}"'},
        )
    assert answer.is_success, answer.text


async def test_a_media_worker_killed_while_footage_is_made_orders_nothing_twice(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with image_server() as images, footage_server() as films:
        films.states = ["RUNNING"]
        paid = {
            "IMAGE": "custom",
            "IMAGE_BASE_URL": images.url,
            "IMAGE_MODEL": "m",
            "IMAGE_API_KEY": "sk-good",
            "FOOTAGE": "dashscope",
            "FOOTAGE_BASE_URL": films.url,
            "FOOTAGE_MODEL": "m",
            "FOOTAGE_API_KEY": "sk-good",
            "FOOTAGE_POLL_S": "0.5",
        }
        env: dict[str, dict[str, str]] = {"api": paid, "media-worker": paid}
        async with (
            stacked(tmp_path, database_url, rabbitmq_url, env=env) as (stack, inside),
            User(stack.api_url) as user,
        ):
            await user.script(outline=TWO_SCENES)
            await asked_for(user, stack.api_url)
            await user.post(f"/projects/{user.project}/production")
            await user.until(lambda s: done(s, "visual") == 1 and done(s, "voice") == 2)
            await eventually(lambda: films.asked)

            await stack.kill("media-worker", signal.SIGKILL)
            films.states = ["SUCCEEDED"]

            await user.until(lambda s: s["status"] == "EDITING", within=200)
            assert films.jobs == ["job-1"]
            assert images.paid == 1
            user.assert_progress_never_fell()
            made = await inside.manifests("visual")
            assert {key.key.split("/")[0] for key in made.values()} == {"image", "footage"}
            costs: list[Any] = [manifest.cost for manifest in made.values()]
            assert all(costs)
