"""Status, timeline, files, docs and health."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, text
from starlette.datastructures import Headers
from support.building import failed, started
from support.driving import Driver, refused

from api.auth import LocalUser, User
from shared.store import tables

FIELDS = {"status", "progress", "progressMessage", "completedAt", "notified"}


@pytest.mark.req("R3")
async def test_the_status_has_the_fields_of_the_requirements(driver: Driver) -> None:
    project = await driver.created()

    status = await driver.get(f"/projects/{project}/status")

    assert set(status) >= FIELDS | {"scriptReady", "step", "stages", "scenes", "error", "stalled"}
    assert (status["status"], status["progress"], status["pollAfterMs"]) == ("DRAFT", 0, None)


@pytest.mark.req("R10")
async def test_the_status_says_what_is_being_done_in_the_users_language(driver: Driver) -> None:
    chinese, english = await driver.created(), await driver.created(topic="Night trains")
    for project in (chinese, english):
        await driver.post(f"/projects/{project}/script")
        await driver.start(project)

    statuses = [await driver.get(f"/projects/{p}/status") for p in (chinese, english)]

    assert [s["progressMessage"] for s in statuses] == [
        "正在准备生成脚本…",
        "Preparing to write the script…",
    ]
    assert {s["pollAfterMs"] for s in statuses} == {3_000}


@pytest.mark.req("R3")
async def test_a_draft_with_a_script_is_told_apart_from_one_without(driver: Driver) -> None:
    status = await driver.get(f"/projects/{await driver.with_script()}/status")

    assert (status["status"], status["step"], status["scriptReady"]) == ("DRAFT", "review", True)
    assert (status["progress"], status["progressMessage"]) == (100, "脚本生成完成")
    assert status["completedAt"] is not None


async def test_an_unchanged_status_costs_a_304_and_a_changed_one_does_not(driver: Driver) -> None:
    project = await driver.created()
    first = await driver.call("GET", f"/projects/{project}/status")
    seen = {"If-None-Match": first.headers["etag"]}

    same = await driver.call("GET", f"/projects/{project}/status", headers=seen)
    await driver.post(f"/projects/{project}/script")
    other = await driver.call("GET", f"/projects/{project}/status", headers=seen)

    assert (same.status_code, same.content) == (304, b"")
    assert other.status_code == 200


async def test_stages_and_scenes_are_shown_each_with_its_own_state(driver: Driver) -> None:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    await driver.work(project, "voice")

    status = await driver.get(f"/projects/{project}/status")

    stages = {stage["stage"]: stage for stage in status["stages"]}
    assert (stages["voice"]["percent"], stages["clip"]["percent"]) == (100, 0)
    assert stages["voice"]["busySeconds"] == pytest.approx(3.6)
    assert [scene["voice"]["state"] for scene in status["scenes"]] == ["done"] * 3
    assert [scene["clip"]["state"] for scene in status["scenes"]] == ["dispatched"] * 3
    assert status["status"] == "GENERATING_VIDEO"


async def test_a_run_s_age_counts_from_its_opening_whatever_the_user_does_meanwhile(
    driver: Driver,
) -> None:
    project = await driver.created()
    idle = await driver.get(f"/projects/{project}/status")
    await driver.post(f"/projects/{project}/script")
    begun = (await driver.get(f"/projects/{project}/status"))["runOpenedAt"]
    await driver.call("PATCH", f"/projects/{project}", json={"title": "另一个名字"})
    later = await driver.get(f"/projects/{project}/status")

    assert idle["runOpenedAt"] is None
    assert datetime.now(UTC) - datetime.fromisoformat(begun) < timedelta(seconds=30)
    assert later["runOpenedAt"] == begun


async def test_silent_work_is_shown_as_stalled(driver: Driver) -> None:
    project = await driver.created()
    await driver.post(f"/projects/{project}/script")
    await driver.start(project)
    alive = await driver.get(f"/projects/{project}/status")
    async with driver.engine.begin() as conn:
        late = func.now() - text("interval '16 seconds'")
        await conn.execute(tables.tasks.update().values(last_seen_at=late))

    silent = await driver.get(f"/projects/{project}/status")

    assert (alive["stalled"], silent["stalled"]) == (False, True)
    assert alive["lastSeenAt"] is not None


async def test_the_timeline_tells_what_happened_in_order(driver: Driver) -> None:
    project = await driver.with_video()

    timeline = await driver.get(f"/projects/{project}/timeline")

    types = [line["type"] for line in timeline["items"]]
    assert types[0] == "project.created"
    assert types[-1] == "run.closed"
    assert types.count("task.done") == 1 + 3 + 3 + 1
    assert all(line["message"] for line in timeline["items"])
    part = await driver.get(f"/projects/{project}/timeline?limit=5")
    rest = await driver.get(f"/projects/{project}/timeline?cursor={part['nextCursor']}")
    assert part["items"] + rest["items"] == timeline["items"]


async def test_the_timeline_tells_what_became_of_cancelled_work_and_what_it_cost(
    driver: Driver,
) -> None:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    held = await driver.held(project)
    paid, running, _ = [task for task in held.run.tasks if task.stage == "voice"]
    await driver.post(f"/projects/{project}/cancel")
    stopped = failed(held.project, held.run, paid, code="run_cancelled", retryable=False)
    stopped = stopped.model_copy(update={"charge": "charged", "cost": {"characters": 9.0}})

    await driver.state(project, stopped, started(held.project, held.run, running))

    lines = (await driver.get(f"/projects/{project}/timeline"))["items"]
    told = {line["sceneId"]: line["afterClose"] for line in lines if line["stage"] == "voice"}
    assert told[str(paid.scene_id)] == {
        "outcome": "stopped",
        "code": "run_cancelled",
        "charge": "charged",
        "cost": {"characters": 9.0},
    }
    assert told[str(running.scene_id)]["outcome"] == "still_running"
    assert [line["afterClose"] for line in lines if line["type"] == "run.closed"] == [None, None]


async def test_the_timeline_tells_what_a_failure_cost(driver: Driver) -> None:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    held = await driver.held(project)
    voice = next(task for task in held.run.tasks if task.stage == "voice")
    fact = failed(held.project, held.run, voice, code="prompt_refused", retryable=False)

    await driver.state(
        project, fact.model_copy(update={"charge": "charged", "cost": {"characters": 9.0}})
    )

    lines = (await driver.get(f"/projects/{project}/timeline"))["items"]
    [data] = [line["data"] for line in lines if line["type"] == "task.failed"]
    assert (data["charge"], data["cost"]) == ("charged", {"characters": 9.0})


@pytest.mark.parametrize(
    ("wanted", "status", "body"),
    [
        pytest.param(None, 200, slice(None), id="all"),
        pytest.param("bytes=0-3", 206, slice(0, 4), id="the first bytes"),
        pytest.param("bytes=5-", 206, slice(5, None), id="from a place"),
        pytest.param("bytes=-4", 206, slice(-4, None), id="the last bytes"),
        pytest.param("bytes=2-999", 206, slice(2, None), id="more than there is"),
        pytest.param("lines=1-2", 200, slice(None), id="another unit"),
        pytest.param("bytes=9-2", 200, slice(None), id="backwards"),
    ],
)
async def test_files_are_served_whole_or_in_ranges(
    driver: Driver, wanted: str | None, status: int, body: slice
) -> None:
    project = await driver.with_video(title='雨水 "花园"')
    held = await driver.held(project)
    whole = await driver.artifacts.read(held.project.video.blobs["video"])
    headers = {"Range": wanted} if wanted else {}

    answer = await driver.call("GET", f"/projects/{project}/artifacts/video.mp4", headers=headers)

    assert answer.status_code == status
    assert answer.content == whole[body]
    assert int(answer.headers["content-length"]) == len(whole[body])
    assert answer.headers["accept-ranges"] == "bytes"
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]


async def test_a_range_outside_the_file_says_how_long_it_is(driver: Driver) -> None:
    project = await driver.with_video()

    answer = await driver.call(
        "GET", f"/projects/{project}/artifacts/video.mp4", headers={"Range": "bytes=9999-"}
    )

    assert refused(answer, 416, "range_not_satisfiable")
    assert re.fullmatch(r"bytes \*/\d+", answer.headers["content-range"])


async def test_a_file_that_the_reader_has_costs_a_304(driver: Driver) -> None:
    project = await driver.with_video()
    path = f"/projects/{project}/artifacts/cover.jpg"
    first = await driver.call("HEAD", path)

    again = await driver.call("GET", path, headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, first.content, again.status_code) == (200, b"", 304)


async def test_a_scenes_clip_is_served_as_soon_as_it_exists(driver: Driver) -> None:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    scene = (await driver.get(f"/projects/{project}/status"))["scenes"][0]["id"]
    path = f"/projects/{project}/artifacts/scenes/{scene}.mp4"
    assert refused(await driver.call("GET", path), 404, "artifact_not_found")

    await driver.work(project, "voice", "clip")

    assert (await driver.call("GET", path)).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["video.avi", "..%2f..%2fetc%2fpasswd", "scenes%2f..%2fvideo.mp4", "scenes/x.mp4", "blob/a"],
)
async def test_no_other_name_is_served(driver: Driver, name: str) -> None:
    project = await driver.with_video()

    answer = await driver.call("GET", f"/projects/{project}/artifacts/{name}")

    assert answer.status_code == 404


async def test_a_file_that_was_deleted_underneath_is_gone_and_says_what_to_do(
    driver: Driver, tmp_path
) -> None:
    project = await driver.with_video()
    held = await driver.held(project)
    (tmp_path / held.project.video.blobs["video"].path).unlink()

    answer = await driver.call("GET", f"/projects/{project}/artifacts/video.mp4")

    assert refused(answer, 410, "artifact_missing")


@pytest.mark.req("R14")
async def test_notices_are_the_callers_own_and_can_be_marked_as_read(driver: Driver) -> None:
    project = await driver.created()
    notice = {
        "id": project,
        "user_id": "ann",
        "project_id": project,
        "run_id": project,
        "kind": "video.ready",
        "title": "视频制作完成",
        "body": "点击查看",
    }
    async with driver.engine.begin() as conn:
        await conn.execute(tables.notices.insert().values(notice))

    assert refused(
        await driver.post(f"/notifications/{project}/read", user="eve"), 404, "notice_not_found"
    )
    assert (await driver.get("/notifications", user="eve"))["items"] == []
    read = await driver.post(f"/notifications/{project}/read")

    assert datetime.fromisoformat(read.json()["readAt"]) <= datetime.now(UTC)
    assert [n["title"] for n in (await driver.get("/notifications"))["items"]] == ["视频制作完成"]


@pytest.mark.req("R16")
async def test_the_docs_need_no_internet(driver: Driver) -> None:
    page = await driver.client.get("/api-docs")

    assert page.status_code == 200
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert sources
    assert not [source for source in sources if source.startswith(("http", "//"))]
    for source in sources:
        assert (await driver.client.get(source)).status_code == 200, source


async def test_the_api_document_names_every_problem_that_routes_document(driver: Driver) -> None:
    document = (await driver.client.get("/openapi.json")).json()

    text_of = str(document)
    assert "/api/video-creation/projects/{project_id}/status" in document["paths"]
    assert [
        code for code in ("project_not_found", "run_active", "video_stale") if code not in text_of
    ] == []


async def test_ready_without_a_broker_and_says_so_beside_it(driver: Driver) -> None:
    answer = await driver.client.get("/ready")

    assert (answer.status_code, answer.json()) == (
        200,
        {"ready": True, "database": True, "broker": False},
    )


async def test_unknown_addresses_and_methods_are_problems_too(driver: Driver) -> None:
    assert refused(await driver.call("GET", "/nowhere"), 404, "not_found")
    assert refused(await driver.call("DELETE", "/unfinished"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        pytest.param({"host": "localhost:5173"}, True, id="this machine by name"),
        pytest.param(
            {"host": "127.0.0.1:5173", "origin": "http://localhost:5173"}, True, id="a page of ours"
        ),
        pytest.param({"host": "[::1]:5173"}, True, id="IPv6"),
        pytest.param({"host": "evil.example"}, False, id="a name that points here"),
        pytest.param(
            {"host": "localhost", "origin": "https://evil.example"},
            False,
            id="a page from elsewhere",
        ),
        pytest.param({"host": "localhost", "origin": "null"}, False, id="a page of no origin"),
        pytest.param({}, False, id="no host"),
    ],
)
async def test_the_local_mode_answers_only_this_machine(headers: dict, *, let_in: bool) -> None:
    [answer] = await asyncio.gather(
        LocalUser("me").user_of(Headers(headers)), return_exceptions=True
    )

    assert getattr(answer, "code", answer) == (User(id="me") if let_in else "origin_refused")
