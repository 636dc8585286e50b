"""Two users: whatever belongs to one is not there at all for the other, on every route and method.

The routes are taken from the OpenAPI document itself, so a new one is swept without being listed.
"""

import io
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image
from support.driving import BASE, Driver, refused
from support.events import following
from support.http import parts_of, served
from support.waiting import eventually

from api.app import application

SECRET_WORDS = "anns-secret-project"
BODIES: dict[str, Any] = {
    "put /projects/{project_id}/script": {"title": "x", "scenes": [{"narration": "x"}]},
    "patch /projects/{project_id}": {"title": "x"},
    "post /projects/{project_id}/script/scenes/{scene_id}/revise": {"kind": "shorten"},
}
HEADERS = {"put /projects/{project_id}/script": {"If-Match": '"1"'}}
LISTS = ("/projects", "/unfinished", "/notifications")
PUBLIC = {"/links/{signed}/{file}", "/voices/{speaker}/sample"}
OWN = {"/options", "/events", "/events/tickets", "/unfinished/dismiss", "/uploads", *LISTS}


async def _routes(driver: Driver) -> list[tuple[str, str]]:
    document = (await driver.client.get("/openapi.json")).json()
    return [
        (method, path.removeprefix(BASE))
        for path, operations in document["paths"].items()
        for method in operations
        if path.startswith(BASE)  # operators' routes need a scope: tests/component/api/test_desk.py
    ]


def _missing(path: str) -> str:
    """What is not there: never the address itself."""
    kinds = {"{notice_id}": "notice_not_found", "{upload_id}": "upload_not_found"}
    return next((code for part, code in kinds.items() if part in path), "project_not_found")


async def _owned(driver: Driver) -> dict[str, str]:
    """Ann's project with everything that a project can have, and the ids that lead to it."""
    project = await driver.with_video(title=SECRET_WORDS)
    view = await driver.get(f"/projects/{project}")
    status = await driver.get(f"/projects/{project}/status")
    notice = await driver.noticed(project)
    return {
        "project_id": project,
        "run_id": status["runId"],
        "scene_id": view["script"]["scenes"][0]["id"],
        "notice_id": notice,
        "name": "video.mp4",
        "upload_id": await _uploaded(driver),
    }


async def _uploaded(driver: Driver) -> str:
    body = io.BytesIO()
    Image.new("RGB", (8, 8)).save(body, "PNG")
    answer = await driver.call(
        "POST", "/uploads", content=body.getvalue(), headers={"content-type": "image/png"}
    )
    return answer.json()["id"]


async def test_every_route_of_a_foreign_thing_is_a_404(driver: Driver) -> None:
    ids = await _owned(driver)
    before = await driver.get(f"/projects/{ids['project_id']}")
    swept = 0

    for method, path in await _routes(driver):
        if "{" not in path or path in PUBLIC:
            continue
        call = f"{method} {path}"
        answer = await driver.call(
            method.upper(),
            path.format(**ids),
            user="bob",
            json=BODIES.get(call, {}) if method != "get" else None,
            headers=HEADERS.get(call, {}),
        )
        assert refused(answer, 404, _missing(path)), call
        assert SECRET_WORDS not in answer.text
        swept += 1

    assert swept >= 20
    assert await driver.get(f"/projects/{ids['project_id']}") == before
    assert [item["id"] for item in (await driver.get("/uploads"))["items"]] == [ids["upload_id"]]


async def test_every_route_without_an_id_shows_only_what_is_ones_own(driver: Driver) -> None:
    await _owned(driver)
    routes = {path for _, path in await _routes(driver) if "{" not in path}

    for path in LISTS:
        text = json.dumps(await driver.get(path, user="bob"))
        assert SECRET_WORDS not in text
        assert SECRET_WORDS in json.dumps(await driver.get(path))

    assert (await driver.get("/uploads", user="bob"))["items"] == []
    assert routes == OWN, "a new route wants its place here"


async def test_a_run_of_another_project_is_not_acknowledged(driver: Driver) -> None:
    ids = await _owned(driver)
    mine = (await driver.post("/projects", {"topic": "x"}, user="bob")).json()["projectId"]

    answer = await driver.post(f"/projects/{mine}/notified", {"runId": ids["run_id"]}, user="bob")

    assert refused(answer, 404, "run_not_found")


async def test_dismissing_foreign_projects_changes_nothing(driver: Driver) -> None:
    ids = await _owned(driver)

    answer = await driver.post(
        "/unfinished/dismiss", {"projectIds": [ids["project_id"]]}, user="bob"
    )

    assert answer.json() == {"count": 0}
    assert [item["id"] for item in await driver.get("/unfinished")] == [ids["project_id"]]


async def test_keys_of_two_users_do_not_meet(driver: Driver) -> None:
    key = {"Idempotency-Key": "the-same"}
    mine = await driver.post("/projects", {"topic": SECRET_WORDS}, headers=key)

    other = await driver.post("/projects", {"topic": "other"}, headers=key, user="bob")

    assert (mine.status_code, other.status_code) == (201, 201)
    assert SECRET_WORDS not in other.text


@pytest.mark.parametrize("place", ["unknown", "foreign"])
async def test_foreign_and_unknown_look_alike(driver: Driver, place: str) -> None:
    ids = await _owned(driver)
    project = ids["project_id"] if place == "foreign" else str(uuid4())

    answer = await driver.call("GET", f"/projects/{project}/status", user="bob")

    assert answer.json() == {
        "type": "urn:reelay:problem:project_not_found",
        "title": "There is no such project",
        "status": 404,
        "detail": "There is no such project",
        "action": "Look for it in GET /projects.",
        "code": "project_not_found",
    }


async def test_streams_carry_nothing_of_others(driver: Driver) -> None:
    ids = await _owned(driver)
    app = application(parts_of(driver.engine, driver.artifacts))
    async with served(app) as url, httpx.AsyncClient(base_url=url) as client:
        bob = Driver(client, driver.engine, driver.artifacts)
        mine = (await bob.post("/projects", {"topic": "x"}, user="bob")).json()["projectId"]
        foreign = await bob.call("GET", f"/projects/{ids['project_id']}/events", user="bob")
        async with following(client, "/events", user="bob") as page:
            await eventually(lambda: page.seen)
            await bob.call("PATCH", f"/projects/{ids['project_id']}", json={"title": "new"})
            await bob.post(f"/projects/{mine}/script", user="bob")
            await eventually(lambda: page.seen[-1]["status"] == "GENERATING_SCRIPT")

    assert refused(foreign, 404, "project_not_found")
    assert {status["projectId"] for status in page.seen} == {mine}
