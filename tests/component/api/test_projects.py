"""Projects over HTTP: created, listed, read, renamed, edited."""

from typing import Any

import pytest
from support.driving import Driver, refused


@pytest.mark.req("R6")
async def test_a_new_project_answers_its_id_and_waits(driver: Driver) -> None:
    answer = await driver.post("/projects", {"article": "# 海绵城市\n雨水去哪儿了。"})

    body = answer.json()
    assert answer.status_code == 201
    assert (body["title"], body["language"], body["status"]) == ("海绵城市", "zh-CN", "DRAFT")
    assert (body["step"], body["scriptReady"], body["aspect"]) == ("draft", False, "16:9")


@pytest.mark.req("R6")
async def test_the_seeds_form_of_title_and_topic_is_a_project(driver: Driver) -> None:
    answer = await driver.post("/projects", {"title": "我的视频", "topic": "Night trains"})

    assert (answer.json()["title"], answer.json()["language"]) == ("我的视频", "en")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({}, "one_source", id="no source"),
        pytest.param({"topic": "a", "article": "b"}, "one_source", id="two sources"),
        pytest.param({"topic": "  "}, "one_source", id="a blank one"),
        pytest.param({"article": "长" * 20_001}, "article_too_long", id="too long"),
        pytest.param({"topic": "a", "colour": "red"}, "invalid_request", id="an unknown field"),
        pytest.param({"topic": "a", "targetSeconds": 5}, "invalid_request", id="too short a wish"),
        pytest.param({"topic": "a", "voice": "nobody"}, "unknown_choice", id="an unknown voice"),
        pytest.param({"topic": "a", "aspect": "4:3"}, "invalid_request", id="an unknown aspect"),
        pytest.param({"topic": "a\0b"}, "invalid_request", id="a NUL"),
        pytest.param([1], "invalid_request", id="a list"),
    ],
)
async def test_what_can_not_be_a_project_is_refused_with_a_reason(
    driver: Driver, body: Any, code: str
) -> None:
    assert refused(await driver.post("/projects", body), 422, code)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b'{"topic": "\\ud800"}', b'{"topic": NaN}', b"[" * 3_000],
    ids=["empty", "cut", "no text", "a lone surrogate", "NaN", "nested too deep"],
)
async def test_a_body_that_is_no_json_is_refused(driver: Driver, body: bytes) -> None:
    headers = {"content-type": "application/json"}

    assert refused(
        await driver.call("POST", "/projects", content=body, headers=headers),
        422,
        "invalid_request",
    )


async def test_a_body_over_a_megabyte_is_refused_before_it_is_read_as_json(driver: Driver) -> None:
    answer = await driver.call("POST", "/projects", content=b" " * 1_000_001)

    assert refused(answer, 413, "body_too_large")


async def test_lists_are_newest_touched_first_and_go_on_behind_their_cursor(driver: Driver) -> None:
    created = [await driver.created(title=f"第{n}个") for n in range(5)]
    await driver.call("PATCH", f"/projects/{created[0]}", json={"title": "改过的"})

    first = await driver.get("/projects?limit=3")
    rest = await driver.get(f"/projects?limit=3&cursor={first['nextCursor']}")

    assert [item["id"] for item in first["items"] + rest["items"]] == [created[0], *created[:0:-1]]
    assert rest["nextCursor"] is None
    assert first["items"][0]["title"] == "改过的"


@pytest.mark.parametrize("cursor", ["x", "AAAA", "MjAyNnw=", "%00"])
async def test_a_cursor_that_no_list_gave_out_is_refused(driver: Driver, cursor: str) -> None:
    assert refused(await driver.call("GET", f"/projects?cursor={cursor}"), 422, "invalid_cursor")


@pytest.mark.req("R4")
async def test_unfinished_is_a_plain_list_of_at_most_ten_without_drafts_and_completed_ones(
    driver: Driver,
) -> None:
    await driver.created()
    done = await driver.with_video()
    assert (await driver.post(f"/projects/{done}/complete")).status_code == 202
    running = await driver.created()
    await driver.post(f"/projects/{running}/script")
    ready = [await driver.with_script() for _ in range(10)]

    found = await driver.get("/unfinished")

    assert [item["id"] for item in found] == ready[::-1]
    assert {item["step"] for item in found} == {"review"}
    assert await driver.get("/unfinished", user="bob") == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("POST", "/script"),
        ("PUT", "/script"),
        ("POST", "/production"),
        ("POST", "/retry"),
        ("POST", "/cancel"),
        ("POST", "/complete"),
        ("POST", "/notified"),
        ("GET", "/status"),
        ("GET", "/timeline"),
        ("GET", "/artifacts/video.mp4"),
    ],
)
async def test_somebody_elses_project_is_not_there_by_any_route(
    driver: Driver, method: str, path: str
) -> None:
    project = await driver.with_video()
    bodies: dict[str, Any] = {
        "PATCH": {"title": "x"},
        "PUT": {"title": "x", "scenes": [{"narration": "x"}]},
        "POST": {},
        "GET": None,
    }

    answer = await driver.call(
        method,
        f"/projects/{project}{path}",
        user="eve",
        json=bodies[method],
        headers={"If-Match": '"1"'},
    )

    assert refused(answer, 404, "project_not_found")


async def test_an_edit_keeps_scene_ids_gives_new_scenes_theirs_and_raises_the_version(
    driver: Driver,
) -> None:
    project = await driver.with_script()
    view = await driver.get(f"/projects/{project}")
    scenes = [{"narration": "新的一段。", "heading": "新"}, *view["script"]["scenes"]]

    answer = await driver.call(
        "PUT",
        f"/projects/{project}/script",
        json={"title": "新题目", "scenes": scenes},
        headers={"If-Match": '"1"'},
    )

    body = answer.json()
    assert (answer.status_code, answer.headers["etag"], body["scriptVersion"]) == (200, '"2"', 2)
    assert [scene["id"] for scene in body["script"]["scenes"]][1:] == [s["id"] for s in scenes[1:]]
    assert body["script"]["scenes"][0]["id"]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        pytest.param({}, 428, "version_required", id="no version"),
        pytest.param({"If-Match": "*"}, 428, "version_required", id="any version"),
        pytest.param({"If-Match": '"0"'}, 412, "version_conflict", id="an older version"),
    ],
)
async def test_an_edit_of_what_was_not_seen_is_refused(
    driver: Driver, headers: dict, status: int, code: str
) -> None:
    project = await driver.with_script()
    body = {"title": "x", "scenes": [{"narration": "x"}]}

    answer = await driver.call("PUT", f"/projects/{project}/script", json=body, headers=headers)

    assert refused(answer, status, code)


async def test_more_than_sixty_scenes_are_refused_not_cut(driver: Driver) -> None:
    project = await driver.with_script()
    body = {"title": "x", "scenes": [{"narration": "x"}] * 61}

    answer = await driver.call(
        "PUT", f"/projects/{project}/script", json=body, headers={"If-Match": '"1"'}
    )

    assert refused(answer, 422, "too_many_scenes")


async def test_an_edit_while_a_run_is_active_is_refused(driver: Driver) -> None:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")

    assert refused(await driver.edited(project, 0, "改。"), 409, "run_active")
