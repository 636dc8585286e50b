"""Runs that end before their work does: cancelled, or failed."""

import asyncio

from sqlalchemy import select
from support.driving import Driver, refused
from support.stored import count

from shared.messages.control import StopRun
from shared.store import tables


async def test_a_cancel_closes_the_run_and_tells_the_workers(driver: Driver) -> None:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    await driver.work(project, "voice")

    answer = await driver.post(f"/projects/{project}/cancel")

    assert (answer.status_code, answer.json()["status"]) == (202, "DRAFT")
    kinds = [tables.outbox.c.type == kind for kind in ("run.stop.v1", "run.cancelled.v1")]
    assert [await count(driver.engine, tables.outbox, kind) for kind in kinds] == [1, 1]
    held = await driver.held(project)
    assert {t.state for t in held.run.tasks if t.stage == "voice"} == {"done"}


async def test_workers_begin_no_more_of_a_failed_run_and_may_finish_what_they_have(
    driver: Driver,
) -> None:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    await driver.fail(project, "prompt_refused")

    async with driver.engine.connect() as conn:
        stops = tables.outbox.c.type == "run.stop.v1"
        [body] = (await conn.execute(select(tables.outbox.c.body).where(stops))).scalars()

    order = StopRun.model_validate_json(body)
    run = (await driver.held(project)).run
    assert (order.meta.run_id, order.finish) == (run.id, True)


async def test_a_cancel_that_comes_too_late_says_so(driver: Driver) -> None:
    finished = await driver.with_video()
    idle = await driver.created()

    assert refused(await driver.post(f"/projects/{finished}/cancel"), 409, "already_finished")
    assert refused(await driver.post(f"/projects/{idle}/cancel"), 409, "no_active_run")


async def test_of_a_cancel_and_the_last_result_exactly_one_wins(driver: Driver) -> None:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    await driver.work(project, "voice", "clip")

    cancelled, _ = await asyncio.gather(
        driver.post(f"/projects/{project}/cancel"), driver.work(project, "assembly")
    )

    status = await driver.get(f"/projects/{project}/status")
    expected = {202: "DRAFT", 409: "EDITING"}[cancelled.status_code]
    assert status["status"] == expected
    ends = tables.outbox.c.type.in_(["run.cancelled.v1", "video.ready.v1"])
    assert await count(driver.engine, tables.outbox, ends) == 1
