"""Processes killed in the middle of things: the run completes, nothing finished is made again."""

import signal
from pathlib import Path

import pytest
from support.stack import stacked
from support.user import FIVE_SCENES, TWO_SCENES, User, done, scene
from support.waiting import eventually

pytestmark = pytest.mark.timeout(300)


async def test_a_media_worker_killed_in_the_middle_of_scene_three_goes_on_from_there(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with (
        stacked(tmp_path, database_url, rabbitmq_url) as (stack, inside),
        User(stack.api_url) as user,
    ):
        await user.script(outline=FIVE_SCENES)
        await user.post(f"/projects/{user.project}/production")
        hit = await user.until(lambda s: done(s, "clip") == 2 and _in_the_middle(s, 2))
        finished = await inside.manifests("clip")
        pid = stack.pid("media-worker")

        await stack.kill("media-worker", signal.SIGKILL)

        assert (len(hit["scenes"]), sorted(finished)) == (5, [0, 1]), "the moment was hit"
        await user.until(lambda s: s["status"] == "EDITING")
        assert stack.pid("media-worker") != pid
        again = await inside.manifests("clip")
        assert {n: again[n].made_at for n in finished} == {
            n: m.made_at for n, m in finished.items()
        }
        user.assert_progress_never_fell()
        await eventually(lambda: _told(inside, ["script.ready", "video.ready"]))


@pytest.mark.parametrize(
    ("service", "point"),
    [
        pytest.param("script-worker", "worker.started", id="script-worker, work begun"),
        pytest.param("script-worker", "worker.committed", id="script-worker, made but not stated"),
        pytest.param("script-worker", "worker.stated", id="script-worker, stated but not acked"),
        pytest.param("media-worker", "worker.committed", id="media-worker, made but not stated"),
        pytest.param("media-worker", "worker.stated", id="media-worker, stated but not acked"),
        pytest.param("projector", "projector.received", id="projector, received, not committed"),
        pytest.param("projector", "projector.committed", id="projector, committed but not acked"),
        pytest.param("projector", "relay.published", id="projector's relay, published, not marked"),
        pytest.param("api", "relay.published", id="api's relay, published but not marked"),
        pytest.param("notifier", "notifier.kept", id="notifier, kept but not acked"),
        pytest.param("api", "api.committed", id="api, committed but not answered"),
    ],
)
async def test_a_process_killed_at_a_named_moment_loses_nothing(
    database_url: str, rabbitmq_url: str, tmp_path: Path, service: str, point: str
) -> None:
    mark = tmp_path / "hit"
    env = {service: {"FAIL_POINT": f"{point}={mark}"}}
    if point == "relay.published":  # only that relay relays
        other = "projector" if service == "api" else "api"
        env[other] = {"RELAY": "off"}
    async with (
        stacked(tmp_path, database_url, rabbitmq_url, env=env) as (stack, inside),
        User(stack.api_url) as user,
    ):
        await user.script(outline=TWO_SCENES)

        await user.produce()

        assert mark.read_text().startswith(point), "the moment was hit"
        user.assert_progress_never_fell()
        await eventually(lambda: _told(inside, ["script.ready", "video.ready"]))
        await eventually(lambda: _all_published(inside), within=45)  # a dead relay's lease: 30 s
        made = [*stack.logs.glob("*-worker*.log")]
        lines = [
            line for log in made for line in log.read_text().splitlines() if "artifact.made" in line
        ]
        keys = [line.split('"key": "')[1].split('"')[0] for line in lines]
        assert len(keys) == len(set(keys)), "nothing was made twice"


async def test_a_preview_survives_the_death_of_its_worker(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    mark = tmp_path / "hit"
    env = {"media-worker": {"FAIL_POINT": f"aside.started={mark}"}}
    async with (
        stacked(tmp_path, database_url, rabbitmq_url, env=env) as (stack, _),
        User(stack.api_url) as user,
    ):
        await user.script(outline=TWO_SCENES)
        view = await user.get(f"/projects/{user.project}")
        place = f"/projects/{user.project}/scenes/{view['script']['scenes'][0]['id']}/preview"
        await user.post(place)
        await eventually(mark.exists)

        ready = await eventually(lambda: _ready(user, place), within=90)

        assert ready["voiced"]
        clip = await user.get(ready["clip"]["url"].removeprefix("/api/video-creation"))
        assert b"ftyp" in clip[:16]


async def _ready(user: User, place: str) -> dict | None:
    answer = await user.get(f"{place}?wait=5")
    return answer if answer["state"] == "ready" else None


def _in_the_middle(status: dict, position: int) -> bool:
    clip = scene(status, position, "clip")
    return clip["state"] == "running" and 5 <= clip["percent"] <= 90


async def _told(inside, kinds: list[str]) -> bool:
    return await inside.notices() == kinds


async def _all_published(inside) -> bool:
    return await inside.unpublished() == 0
