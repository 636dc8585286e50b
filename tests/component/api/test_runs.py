"""Runs over HTTP: opened once, reused, retried, cancelled, completed, acknowledged."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from support.driving import Driver, refused
from support.http import parts_of
from support.stored import count

from api.app import application
from shared.artifacts.store import ArtifactStore
from shared.engines import KOKORO_VOICE, Engines
from shared.store import tables


@pytest.mark.req("R1")
async def test_generating_answers_at_once_with_a_run_and_leaves_a_command(driver: Driver) -> None:
    project = await driver.created()

    answer = await driver.post(f"/projects/{project}/script")

    assert answer.status_code == 202
    assert answer.json()["state"] == "active"
    assert await count(driver.engine, tables.outbox, tables.outbox.c.type == "script.write.v1") == 1


async def test_fifty_clicks_are_one_run(driver: Driver) -> None:
    project = await driver.created()

    answers = await asyncio.gather(*(driver.post(f"/projects/{project}/script") for _ in range(50)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["runId"] for answer in answers}) == 1
    assert await count(driver.engine, tables.runs) == 1


async def test_the_same_key_is_answered_the_same_and_does_its_work_once(driver: Driver) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    body = {"topic": "海绵城市"}

    first = await driver.post("/projects", body, headers=key)
    again = await driver.post("/projects", body, headers=key)

    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert await count(driver.engine, tables.projects) == 1


async def test_the_same_key_at_once_from_many_tabs_does_its_work_once(driver: Driver) -> None:
    key = {"Idempotency-Key": "tabs"}

    answers = await asyncio.gather(
        *(driver.post("/projects", {"topic": "海绵城市"}, headers=key) for _ in range(12))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["projectId"] for answer in answers}) == 1


async def test_a_key_used_for_another_request_is_refused(driver: Driver) -> None:
    key = {"Idempotency-Key": "one"}
    await driver.post("/projects", {"topic": "海绵城市"}, headers=key)

    other = await driver.post("/projects", {"topic": "别的"}, headers=key)

    assert refused(other, 422, "idempotency_mismatch")


async def test_a_script_is_written_over_only_when_that_is_said(driver: Driver) -> None:
    project = await driver.with_script()

    assert refused(await driver.post(f"/projects/{project}/script"), 409, "script_exists")
    again = await driver.post(f"/projects/{project}/script", {"replace": True})

    assert again.status_code == 202
    assert (await driver.held(project)).project.take == 2


async def test_production_needs_a_script_and_no_other_active_run(driver: Driver) -> None:
    bare = await driver.created()
    writing = await driver.created()
    await driver.post(f"/projects/{writing}/script")

    assert refused(await driver.post(f"/projects/{bare}/production"), 409, "script_missing")
    assert refused(await driver.post(f"/projects/{writing}/production"), 409, "run_active")


async def test_the_same_production_again_while_it_runs_is_the_same_run(driver: Driver) -> None:
    project = await driver.with_script()

    one = await driver.post(f"/projects/{project}/production")
    two = await driver.post(f"/projects/{project}/production")

    assert one.json()["runId"] == two.json()["runId"]


async def test_after_an_edit_of_one_sentence_one_scene_is_to_be_made(driver: Driver) -> None:
    project = await driver.with_video()
    await driver.edited(project, 1, "这一句改过了。")

    answer = await driver.post(f"/projects/{project}/production")

    body = answer.json()
    assert (body["scenes"], body["reused"], body["toMake"]) == (3, 2, 1)
    held = await driver.held(project)
    assert [t.stage for t in held.run.tasks if t.state == "dispatched"] == ["voice"]
    status = await driver.get(f"/projects/{project}/status")
    voices = next(stage for stage in status["stages"] if stage["stage"] == "voice")
    assert (voices["reused"], voices["done"], voices["total"]) == (2, 2, 3)


@pytest.fixture
async def with_voices(engine: AsyncEngine, artifacts: ArtifactStore) -> AsyncIterator[Driver]:
    """As ``driver``, but its runs pin a voice that has several speakers."""
    parts = parts_of(engine, artifacts, engines=Engines(voice=KOKORO_VOICE))
    transport = httpx.ASGITransport(application(parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Driver(client, engine, artifacts)


Edit = Callable[[Driver, str], Awaitable[httpx.Response]]


def rewritten(change: Callable[[list[dict[str, Any]]], Any]) -> Edit:
    """The script's scenes changed in place, as a page sends it."""

    async def sent(driver: Driver, project: str) -> httpx.Response:
        view = await driver.get(f"/projects/{project}")
        scenes = view["script"]["scenes"]
        change(scenes)
        body = {"title": view["script"]["title"], "scenes": scenes}
        version = {"If-Match": f'"{view["scriptVersion"]}"'}
        return await driver.call("PUT", f"/projects/{project}/script", json=body, headers=version)

    return sent


async def another_voice(driver: Driver, project: str) -> httpx.Response:
    voices = (await driver.get("/options"))["voices"]
    [*_, voice] = [one["id"] for one in voices if one["language"] == "zh-CN"]
    return await driver.call("PATCH", f"/projects/{project}", json={"voice": voice})


async def another_theme(driver: Driver, project: str) -> httpx.Response:
    return await driver.call("PATCH", f"/projects/{project}", json={"theme": "paper"})


def committed(folder: Path) -> Counter[str]:
    """How many artifacts of each kind exist: as many as there are manifests."""
    return Counter(manifest.parent.name for manifest in folder.glob("*/*.json"))


@pytest.mark.parametrize(
    ("edit", "voices", "clips", "videos"),
    [
        pytest.param(
            rewritten(lambda scenes: scenes[1].update(narration="这一句改过了。")),
            *(1, 1, 1),
            id="a narration: its voice, and the clip whose captions follow it",
        ),
        pytest.param(
            rewritten(lambda scenes: scenes[1].update(heading="另一个标题")),
            *(0, 1, 1),
            id="a heading: its clip",
        ),
        pytest.param(another_voice, 3, 3, 1, id="the voice: everything, for times change"),
        pytest.param(another_theme, 0, 3, 1, id="the theme: all clips, no voice"),
        pytest.param(
            rewritten(lambda scenes: scenes.reverse()), 0, 0, 1, id="the order: the video alone"
        ),
        pytest.param(
            rewritten(lambda scenes: scenes.pop(1)), 0, 0, 1, id="one deleted: the video alone"
        ),
        pytest.param(
            rewritten(lambda scenes: scenes.append({"narration": "新的一段。", "heading": "新"})),
            *(1, 1, 1),
            id="one added: its own voice and clip",
        ),
    ],
)
async def test_a_change_makes_again_only_what_depends_on_it(  # noqa: PLR0917  (the columns)
    with_voices: Driver, tmp_path: Path, edit: Edit, voices: int, clips: int, videos: int
) -> None:
    driver = with_voices
    project = await driver.with_video()
    before = committed(tmp_path)
    assert (await edit(driver, project)).status_code == 200

    await driver.post(f"/projects/{project}/production")
    await driver.work(project, "voice", "clip", "assembly")

    made = committed(tmp_path) - before
    assert (made["voice"], made["clip"], made["video"]) == (voices, clips, videos)
    assert made.total() == voices + clips + videos
    assert (await driver.get(f"/projects/{project}/status"))["status"] == "EDITING"


async def test_a_production_of_what_exists_whole_ends_as_it_opens(driver: Driver) -> None:
    project = await driver.with_video()

    answer = await driver.post(f"/projects/{project}/production")

    assert (answer.json()["state"], answer.json()["toMake"]) == ("done", 0)
    assert (await driver.get(f"/projects/{project}/status"))["status"] == "EDITING"


async def test_a_retry_goes_on_from_what_is_finished(driver: Driver) -> None:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    await driver.work(project, "voice")
    await driver.fail(project, "engine_unavailable")
    failed = await driver.get(f"/projects/{project}/status")

    answer = await driver.post(f"/projects/{project}/retry")

    assert (failed["status"], failed["error"]["userCanRetry"]) == ("FAILED", True)
    assert failed["error"]["message"]
    assert answer.status_code == 202
    status = await driver.get(f"/projects/{project}/status")
    assert next(s["reused"] for s in status["stages"] if s["stage"] == "voice") == 3
    assert status["error"] is None


async def test_a_retried_script_keeps_its_take(driver: Driver) -> None:
    project = await driver.created()
    await driver.post(f"/projects/{project}/script")
    await driver.fail(project)

    assert (await driver.post(f"/projects/{project}/retry")).json()["kind"] == "script"

    assert (await driver.held(project)).project.take == 1


@pytest.mark.parametrize(
    ("ended", "take"),
    [
        pytest.param("cancelled", 2, id="cancelled: what was paid for is found"),
        pytest.param("outcome_unknown", 2, id="perhaps charged: its receipt is asked"),
        pytest.param("script_timeout", 2, id="cut off: the same"),
        pytest.param("reply_invalid", 3, id="charged, and of no use"),
        pytest.param("internal", 3, id="the same would fail the same way"),
    ],
)
async def test_another_script_is_not_paid_for_where_the_last_one_was_never_seen(
    driver: Driver, ended: str, take: int
) -> None:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/script", {"replace": True})
    first = (await driver.held(project)).run
    if ended == "cancelled":
        await driver.post(f"/projects/{project}/cancel")
    else:
        await driver.fail(project, ended)

    assert (await driver.post(f"/projects/{project}/script", {"replace": True})).status_code == 202

    held = await driver.held(project)
    assert held.project.take == take
    same = held.run.tasks[0].spec_hash == first.tasks[0].spec_hash
    assert same == (take == 2)


async def test_only_what_failed_can_be_retried(driver: Driver) -> None:
    project = await driver.with_script()

    assert refused(await driver.post(f"/projects/{project}/retry"), 409, "not_failed")


@pytest.mark.req("R9")
async def test_completing_needs_a_video_that_is_not_stale_unless_that_is_accepted(
    driver: Driver,
) -> None:
    project = await driver.with_video()
    await driver.edited(project, 0, "改过了。")

    assert refused(await driver.post(f"/projects/{project}/complete"), 409, "video_stale")
    answer = await driver.post(f"/projects/{project}/complete", {"acceptStale": True})

    assert answer.json()["status"] == "COMPLETED"
    assert (
        await count(driver.engine, tables.outbox, tables.outbox.c.type == "project.completed.v1")
        == 1
    )


async def test_completing_without_a_video_is_refused(driver: Driver) -> None:
    project = await driver.with_script()

    assert refused(await driver.post(f"/projects/{project}/complete"), 409, "wrong_status")


async def test_editing_a_completed_project_opens_it_again(driver: Driver) -> None:
    project = await driver.with_video()
    await driver.post(f"/projects/{project}/complete")

    assert (await driver.edited(project, 0, "改过了。")).json()["status"] == "EDITING"


@pytest.mark.req("R5")
async def test_the_first_of_many_tabs_is_told_that_it_is_the_first(driver: Driver) -> None:
    project = await driver.with_script()

    answers = await asyncio.gather(
        *(driver.post(f"/projects/{project}/notified") for _ in range(8))
    )

    assert sorted(answer.json()["first"] for answer in answers) == [False] * 7 + [True]
    assert (await driver.get(f"/projects/{project}/status"))["notified"] is True


@pytest.mark.req("R5")
async def test_a_new_end_is_not_yet_acknowledged(driver: Driver) -> None:
    project = await driver.with_script()
    first_run = (await driver.get(f"/projects/{project}/status"))["runId"]
    await driver.post(f"/projects/{project}/notified")
    await driver.post(f"/projects/{project}/production")
    await driver.work(project, "voice", "clip", "assembly")

    status = await driver.get(f"/projects/{project}/status")
    old = await driver.post(f"/projects/{project}/notified", {"runId": first_run})
    new = await driver.post(f"/projects/{project}/notified")

    assert status["notified"] is False
    assert (old.json()["first"], new.json()["first"]) == (False, True)


async def test_acknowledging_what_has_not_ended_is_refused(driver: Driver) -> None:
    project = await driver.created()
    assert refused(await driver.post(f"/projects/{project}/notified"), 404, "run_not_found")
    await driver.post(f"/projects/{project}/script")

    assert refused(await driver.post(f"/projects/{project}/notified"), 409, "run_active")


async def test_what_a_production_would_make_is_known_before_it_is_ordered(driver: Driver) -> None:
    project = await driver.with_video()
    path = f"/projects/{project}/production"
    runs = await count(driver.engine, tables.runs)
    made = await driver.get(path)

    await driver.edited(project, 0, "只有这一句是新的。")
    changed = await driver.get(path)
    await driver.call("PATCH", f"/projects/{project}", json={"theme": "paper"})

    assert made == {"scenes": 3, "toMake": 0, "reused": 3}
    assert changed == {"scenes": 3, "toMake": 1, "reused": 2}
    assert await driver.get(path) == {"scenes": 3, "toMake": 3, "reused": 0}
    assert await count(driver.engine, tables.runs) == runs
    answer = await driver.post(path)
    assert answer.json()["toMake"] == 3


async def test_nothing_can_be_foretold_without_a_script_or_during_a_run(driver: Driver) -> None:
    bare, busy = await driver.created(), await driver.with_script()
    await driver.post(f"/projects/{busy}/production")

    without = await driver.call("GET", f"/projects/{bare}/production")
    during = await driver.call("GET", f"/projects/{busy}/production")

    assert refused(without, 409, "script_missing")
    assert refused(during, 409, "run_active")
