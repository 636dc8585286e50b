"""One scene of a script rewritten or shortened over HTTP: a run of its own, which leaves the old
script alone until the new one is there.
"""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from support.driving import Driver, refused, told

from shared.messages.commands import WriteScript
from shared.store import tables


async def script_of(driver: Driver, project: str) -> tuple[int, list[dict[str, Any]]]:
    view = await driver.get(f"/projects/{project}")
    return view["scriptVersion"], view["script"]["scenes"]


async def last_command(driver: Driver) -> WriteScript:
    outbox = tables.outbox
    query = select(outbox.c.body).where(outbox.c.type == "script.write.v1")
    async with driver.engine.connect() as conn:
        body = (await conn.execute(query.order_by(outbox.c.id.desc()).limit(1))).scalar_one()
    return WriteScript.model_validate_json(body)


async def status_of(driver: Driver, project: str) -> str:
    return (await driver.get(f"/projects/{project}/status"))["status"]


async def test_only_the_one_scene_is_replaced_and_every_id_stays(driver: Driver) -> None:
    project = await driver.with_script()
    version, before = await script_of(driver, project)

    answer = await driver.revise(project, 1, kind="custom", instruction=" 像对孩子讲 ")
    running = await status_of(driver, project)
    await driver.work(project, "script")

    assert (answer.status_code, answer.json()["kind"]) == (202, "script")
    assert running == "GENERATING_SCRIPT"
    assert await status_of(driver, project) == "DRAFT"
    now, after = await script_of(driver, project)
    assert now == version + 1
    assert [scene["id"] for scene in after] == [scene["id"] for scene in before]
    assert after[1]["narration"] == "custom：像对孩子讲。"
    assert (after[0], after[2]) == (before[0], before[2])


async def test_the_writer_is_sent_the_script_the_scene_and_the_wish(driver: Driver) -> None:
    project = await driver.with_script()
    _, scenes = await script_of(driver, project)

    await driver.revise(project, 2, kind="rewrite", instruction="轻松一点")

    revise = (await last_command(driver)).revise
    assert revise is not None
    assert [str(scene.id) for scene in revise.base.scenes] == [scene["id"] for scene in scenes]
    assert (str(revise.scene_id), revise.kind) == (scenes[2]["id"], "rewrite")
    assert revise.text == "轻松一点"


@pytest.mark.parametrize("completed", [False, True])
async def test_beside_a_finished_video_it_ends_in_editing_and_only_that_scene_is_made_again(
    driver: Driver,
    completed: bool,  # noqa: FBT001
) -> None:
    project = await driver.with_video()
    if completed:
        await driver.post(f"/projects/{project}/complete")

    await driver.revise(project, 1)
    await driver.work(project, "script")

    status = await driver.get(f"/projects/{project}/status")
    assert (status["status"], status["videoReady"], status["videoStale"]) == ("EDITING", True, True)
    production = (await driver.post(f"/projects/{project}/production")).json()
    assert (production["reused"], production["toMake"]) == (2, 1)


async def test_a_failed_revision_leaves_the_old_script_and_a_retry_repeats_it(
    driver: Driver,
) -> None:
    project = await driver.with_script()
    before = await script_of(driver, project)
    await driver.revise(project, 1, kind="custom", instruction="像对孩子讲")
    first = await last_command(driver)
    await driver.fail(project, "reply_invalid")
    failed = await driver.get(f"/projects/{project}/status")
    stood = await script_of(driver, project)

    answer = await driver.post(f"/projects/{project}/retry")
    again = await last_command(driver)
    await driver.work(project, "script")

    assert (failed["status"], failed["error"]["code"]) == ("FAILED", "reply_invalid")
    assert stood == before
    assert answer.status_code == 202
    assert again.meta.run_id != first.meta.run_id
    assert (again.revise, again.key) == (first.revise, first.key)
    assert await status_of(driver, project) == "DRAFT"
    assert (await script_of(driver, project))[1][1]["narration"] == "custom：像对孩子讲。"


@pytest.mark.parametrize(("video", "status"), [(False, "DRAFT"), (True, "EDITING")])
async def test_a_cancelled_revision_leaves_the_old_script(
    driver: Driver,
    video: bool,  # noqa: FBT001
    status: str,
) -> None:
    project = await (driver.with_video() if video else driver.with_script())
    before = await script_of(driver, project)
    await driver.revise(project, 1)

    cancelled = await driver.post(f"/projects/{project}/cancel")
    await driver.work(project, "script")

    assert cancelled.json()["status"] == status
    assert await script_of(driver, project) == before


async def test_the_same_after_a_cancel_finds_what_was_paid_for_and_after_its_end_is_another(
    driver: Driver,
) -> None:
    project = await driver.with_script()
    version, scenes = await script_of(driver, project)
    title = (await driver.get(f"/projects/{project}"))["script"]["title"]
    await driver.revise(project, 1, kind="rewrite")
    first = await last_command(driver)
    await driver.post(f"/projects/{project}/cancel")

    await driver.revise(project, 1, kind="rewrite")
    second = await last_command(driver)
    await driver.work(project, "script")
    undone = await driver.call(
        "PUT",
        f"/projects/{project}/script",
        json={"title": title, "scenes": scenes},
        headers={"If-Match": f'"{version + 1}"'},
    )
    await driver.revise(project, 1, kind="rewrite")
    third = await last_command(driver)

    assert undone.status_code == 200
    assert first.key == second.key
    assert third.revise == second.revise
    assert third.key != second.key


async def test_the_same_again_while_it_runs_is_the_same_run(driver: Driver) -> None:
    project = await driver.with_script()

    answers = await asyncio.gather(*(driver.revise(project, 1) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["runId"] for answer in answers}) == 1


async def test_beside_another_run_it_is_refused_and_refuses_others(driver: Driver) -> None:
    producing = await driver.with_script()
    await driver.post(f"/projects/{producing}/production")
    revising = await driver.with_script()
    await driver.revise(revising, 1)

    answers = {
        "a production": await driver.revise(producing),
        "another scene": await driver.revise(revising, 0),
        "another kind": await driver.revise(revising, 1, kind="rewrite"),
        "a whole script": await driver.post(f"/projects/{revising}/script"),
        "another script": await driver.post(f"/projects/{revising}/script", {"replace": True}),
        "produce": await driver.post(f"/projects/{revising}/production"),
        "edit": await driver.edited(revising, 0, "改过了。"),
    }

    assert told(answers) == dict.fromkeys(answers, (409, "run_active"))


async def test_what_is_not_there_can_not_be_revised(driver: Driver) -> None:
    bare = await driver.created()
    project = await driver.with_script()
    body = {"kind": "shorten"}
    path = f"script/scenes/{uuid4()}/revise"

    answers = [
        await driver.post(f"/projects/{place}/{path}", body) for place in (project, bare, uuid4())
    ]

    assert refused(answers[0], 404, "scene_not_found")
    assert refused(answers[1], 409, "script_missing")
    assert refused(answers[2], 404, "project_not_found")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="no kind"),
        pytest.param({"kind": "translate"}, id="an unknown kind"),
        pytest.param({"kind": "custom"}, id="custom without a word"),
        pytest.param({"kind": "custom", "instruction": "  "}, id="custom with a blank"),
        pytest.param({"kind": "rewrite", "instruction": "长" * 501}, id="too long a wish"),
        pytest.param({"kind": "rewrite", "instruction": 5}, id="a number"),
        pytest.param({"kind": "rewrite", "instruction": "a\0b"}, id="a NUL"),
        pytest.param({"kind": "rewrite", "text": "x"}, id="an unknown field"),
    ],
)
async def test_a_body_that_is_not_to_the_letter_is_refused(
    driver: Driver, body: dict[str, Any]
) -> None:
    project = await driver.with_script()
    _, scenes = await script_of(driver, project)

    path = f"/projects/{project}/script/scenes/{scenes[0]['id']}/revise"

    assert refused(await driver.post(path, body), 422, "invalid_request")
    assert await status_of(driver, project) == "DRAFT"


async def test_a_revision_does_not_go_on_to_the_video_by_itself(driver: Driver) -> None:
    project = await driver.created(autoProduce=True)
    await driver.work(project, "script", "voice", "clip", "assembly")

    await driver.revise(project, 1)
    await driver.work(project, "script")

    assert await status_of(driver, project) == "EDITING"


async def test_the_timeline_says_what_was_asked_for(driver: Driver) -> None:
    project = await driver.with_script()
    _, scenes = await script_of(driver, project)
    await driver.revise(project, 1)

    lines = (await driver.get(f"/projects/{project}/timeline"))["items"]

    opened = [line["data"] for line in lines if line["type"] == "run.opened"]
    assert "revise" not in opened[0]
    assert opened[1]["revise"] == {"scene_id": scenes[1]["id"], "kind": "shorten"}
