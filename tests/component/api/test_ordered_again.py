"""Orders given again: after an answer of no use, with a voice that is no more, on an old table."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from sqlalchemy import func, select
from support.driving import Driver, refused, told

from shared.runtime.settings import VoiceSettings
from shared.store import tables

Serve = Callable[..., AbstractAsyncContextManager[Driver]]
AGAIN = [
    pytest.param("reply_invalid", True, id="charged, and of no use"),
    pytest.param("internal", True, id="the same would fail the same way"),
    pytest.param("script_timeout", False, id="cut off: perhaps it is there"),
]


@pytest.mark.parametrize(("code", "anew"), AGAIN)
async def test_a_revision_ordered_again_asks_the_writer_again_where_its_answer_was_of_no_use(
    driver: Driver, code: str, *, anew: bool
) -> None:
    project = await driver.with_script()
    await driver.revise(project)
    first = (await driver.held(project)).run
    await driver.fail(project, code)

    await driver.revise(project)

    second = (await driver.held(project)).run
    assert second.id != first.id
    assert (second.tasks[0].spec_hash != first.tasks[0].spec_hash) == anew


@pytest.mark.parametrize(("code", "anew"), AGAIN)
async def test_a_first_script_ordered_again_asks_the_writer_again_where_its_answer_was_of_no_use(
    driver: Driver, code: str, *, anew: bool
) -> None:
    project = await driver.created()
    await driver.post(f"/projects/{project}/script")
    await driver.fail(project, code)

    answer = await driver.post(f"/projects/{project}/script")

    assert answer.status_code == 202
    assert (await driver.held(project)).project.take == (2 if anew else 1)


async def test_a_retry_keeps_its_take_even_where_the_answer_was_of_no_use(driver: Driver) -> None:
    project = await driver.with_script()
    await driver.revise(project, 0)
    await driver.fail(project, "reply_invalid")
    take = (await driver.held(project)).project.take

    await driver.post(f"/projects/{project}/retry")

    assert (await driver.held(project)).project.take == take


async def test_a_voice_that_is_no_more_is_refused_before_anything_is_ordered(
    driver: Driver, serve: Serve
) -> None:
    async with serve(voice=VoiceSettings(voice="edge")) as before:
        voices = (await before.get("/options"))["voices"]
        voice = next(one["id"] for one in voices if one["language"] == "zh-CN")
        project = await before.with_script(voice=voice)
        writing = await before.created(voice=voice, autoProduce=True)
        await before.fail(writing)
        other = await before.created(voice=voice, autoProduce=True)
        await before.post(f"/projects/{other}/cancel")
    orders = await _orders(driver)

    answers = {
        "production": await driver.post(f"/projects/{project}/production"),
        "forecast": await driver.call("GET", f"/projects/{project}/production"),
        "script that goes on": await driver.post(f"/projects/{other}/script"),
        "retry that goes on": await driver.post(f"/projects/{writing}/retry"),
    }

    assert told(answers) == dict.fromkeys(answers, (422, "unknown_choice"))
    assert await _orders(driver) == orders
    await driver.call("PATCH", f"/projects/{project}", json={"voice": "default"})
    assert (await driver.post(f"/projects/{project}/production")).status_code == 202


async def _orders(driver: Driver) -> int:
    async with driver.engine.connect() as conn:
        return (await conn.execute(select(func.count()).select_from(tables.outbox))).scalar_one()


async def test_a_change_of_a_completed_project_without_a_video_leads_to_a_draft(
    driver: Driver,
) -> None:
    project = await driver.created()
    async with driver.engine.begin() as conn:  # as a table of an older version had it
        await conn.execute(tables.projects.update().values(status="COMPLETED"))

    await driver.call("PATCH", f"/projects/{project}", json={"theme": "paper"})

    assert (await driver.get(f"/projects/{project}/status"))["status"] == "DRAFT"
    assert (await driver.post(f"/projects/{project}/script")).status_code == 202
    assert refused(await driver.post(f"/projects/{project}/complete"), 409, "wrong_status")
