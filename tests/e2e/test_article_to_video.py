"""From a user's article to a finished video, through all processes, seen only over HTTP."""

import io
from pathlib import Path

import av
import pytest
from support.stack import stacked
from support.user import User, done
from support.waiting import eventually

from media_worker.render.port import planned_ms

pytestmark = pytest.mark.timeout(180)


@pytest.mark.req("R6")
@pytest.mark.req("R10")
@pytest.mark.req("R14")
async def test_an_article_becomes_a_video_as_long_as_its_narration(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with (
        stacked(tmp_path, database_url, rabbitmq_url, replicas={"media-worker": 2}) as (
            stack,
            inside,
        ),
        User(stack.api_url) as user,
    ):
        await user.script()
        await user.produce()

        base = f"/projects/{user.project}/artifacts"
        video = await user.get(f"{base}/video.mp4")
        voices = [manifest.duration_ms for manifest in (await inside.manifests("voice")).values()]
        with av.open(io.BytesIO(video)) as container:
            seconds = container.duration / av.time_base
            codecs = {stream.codec_context.name for stream in container.streams}
        assert abs(seconds - planned_ms(voices) / 1000) <= 0.5
        assert codecs == {"h264", "aac"}
        assert b"-->" in await user.get(f"{base}/captions.srt")
        user.assert_progress_never_fell()
        messages = {status["progressMessage"] for status in user.seen}
        assert any("正在" in message for message in messages)
        await eventually(lambda: _told(inside))


@pytest.mark.req("R1")
async def test_the_stack_goes_on_with_an_unfinished_run_after_a_stop_and_a_start(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    servers = (database_url, rabbitmq_url)
    async with stacked(tmp_path, *servers) as (stack, inside), User(stack.api_url) as user:
        await user.script()
        await user.post(f"/projects/{user.project}/production")
        before = await user.until(lambda status: done(status, "clip") >= 1)
        finished = await inside.manifests("clip")

    async with stacked(tmp_path, *servers) as (stack, inside), User(stack.api_url) as later:
        later.project = user.project
        later.seen.append(before)
        await later.until(lambda status: status["status"] == "EDITING")
        later.assert_progress_never_fell()
        again = await inside.manifests("clip")
        assert {n: again[n].made_at for n in finished} == {
            n: manifest.made_at for n, manifest in finished.items()
        }


@pytest.mark.req("R9")
async def test_a_cancel_stops_the_render_and_keeps_what_is_finished(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with (
        stacked(tmp_path, database_url, rabbitmq_url) as (stack, inside),
        User(stack.api_url) as user,
    ):
        await user.script()
        await user.post(f"/projects/{user.project}/production")
        await user.until(lambda status: done(status, "clip") >= 1)

        await user.post(f"/projects/{user.project}/cancel")

        await user.until(lambda status: status["status"] == "DRAFT")
        kept = len(await inside.manifests("clip"))
        await eventually(lambda: "job.stopped" in _log(stack), within=20)
        again = await user.post(f"/projects/{user.project}/production")
        assert again["reused"] == kept
        assert again["toMake"] == again["scenes"] - kept
        await user.until(lambda status: status["status"] == "EDITING")


async def _told(inside) -> bool:
    return await inside.notices() == ["script.ready", "video.ready"]


def _log(stack) -> str:
    return "".join(path.read_text() for path in stack.logs.glob("media-worker*.log"))
