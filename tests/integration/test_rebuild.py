"""The log folded again gives the same rows, after whatever a user did."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from support.driving import Driver
from support.http import client_of, parts_of

from api.app import application
from projector.rebuild import rebuild
from shared.artifacts.store import ArtifactStore
from shared.store import tables
from shared.store.engine import store_engine


@pytest.fixture
async def driver(database_url: str, tmp_path: Path) -> AsyncIterator[Driver]:
    engine = store_engine(database_url, pool=4, application="tests")
    artifacts = ArtifactStore.at(f"file://{tmp_path}")
    async with client_of(application(parts_of(engine, artifacts))) as client:
        yield Driver(client, engine, artifacts)
    await engine.dispose()


async def made(driver: Driver) -> str:
    return await driver.with_video()


async def edited_and_made_again(driver: Driver) -> str:
    project = await driver.with_video()
    await driver.edited(project, 1, "这一句改过了。")
    await driver.post(f"/projects/{project}/production")
    await driver.work(project, "voice", "clip", "assembly")
    await driver.post(f"/projects/{project}/notified")
    await driver.post(f"/projects/{project}/complete")
    return project


async def failed_and_retried(driver: Driver) -> str:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    await driver.work(project, "voice")
    await driver.fail(project, "render_failed")
    await driver.post(f"/projects/{project}/retry")
    await driver.work(project, "clip", "assembly")
    return project


async def failed(driver: Driver) -> str:
    project = await driver.created()
    await driver.post(f"/projects/{project}/script")
    await driver.fail(project)
    await driver.post(f"/projects/{project}/notified")
    return project


async def tried_twice(driver: Driver) -> str:
    """A retryable failure between, and then success."""
    project = await driver.created()
    await driver.post(f"/projects/{project}/script")
    await driver.start(project)
    await driver.fail(project, "script_failed", retryable=True)
    await driver.work(project, "script")
    return project


async def cancelled(driver: Driver) -> str:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    await driver.work(project, "voice")
    await driver.post(f"/projects/{project}/cancel")
    return project


async def cancelled_with_a_video(driver: Driver) -> str:
    project = await driver.with_video()
    await driver.edited(project, 0, "另一句。")
    await driver.post(f"/projects/{project}/production")
    await driver.post(f"/projects/{project}/cancel")
    return project


async def changed(driver: Driver) -> str:
    project = await driver.with_video()
    await driver.call("PATCH", f"/projects/{project}", json={"title": "new", "aspect": "1:1"})
    return project


async def deleted(driver: Driver) -> str:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    await driver.call("DELETE", f"/projects/{project}")
    return project


async def by_itself(driver: Driver) -> str:
    answer = await driver.post("/projects", {"article": "雨水。", "autoProduce": True})
    project = answer.json()["id"]
    await driver.work(project, "script", "voice", "clip", "assembly")
    return project


async def revised(driver: Driver) -> str:
    """One scene, twice: beside a finished video, and again after a failure and a retry."""
    project = await driver.with_video()
    await driver.revise(project, 1)
    await driver.work(project, "script")
    await driver.revise(project, 0, kind="custom", instruction="像对孩子讲")
    await driver.fail(project, "reply_invalid")
    await driver.post(f"/projects/{project}/retry")
    await driver.work(project, "script")
    return project


async def revision_cancelled(driver: Driver) -> str:
    project = await driver.with_video()
    await driver.revise(project, 1)
    await driver.post(f"/projects/{project}/cancel")
    return project


async def untouched(driver: Driver) -> str:
    return await driver.created()


STORIES: list[Callable[[Driver], Awaitable[str]]] = [
    made,
    edited_and_made_again,
    failed_and_retried,
    failed,
    tried_twice,
    cancelled,
    cancelled_with_a_video,
    changed,
    deleted,
    by_itself,
    revised,
    revision_cancelled,
    untouched,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_the_log_folded_again_is_what_the_rows_say(
    driver: Driver, story: Callable[[Driver], Awaitable[str]]
) -> None:
    await story(driver)

    report = await rebuild(driver.engine)

    assert report.differing == {}
    assert (report.agreeing, report.skipped) == (1, {})


async def test_spoiled_rows_are_found_and_mended_from_the_log(driver: Driver) -> None:
    project = await edited_and_made_again(driver)
    before = await driver.get(f"/projects/{project}/status")
    async with driver.engine.begin() as conn:
        await conn.execute(update(tables.projects).values(status="DRAFT", progress=7, video=None))
        await conn.execute(update(tables.runs).values(percent=3, state="cancelled"))
        await conn.execute(
            update(tables.tasks).where(tables.tasks.c.stage == "clip").values(attempt=3)
        )
        await conn.execute(  # the last scene's first
            update(tables.tasks).values(position=9 - tables.tasks.c.position)
        )

    found = await rebuild(driver.engine)
    await rebuild(driver.engine, write=True)
    again = await rebuild(driver.engine)

    words = "\n".join(found.differing[UUID(project)])
    assert "status is" in words
    assert "attempt is 3" in words
    assert "position is 9" in words
    assert again.differing == {}
    after = await driver.get(f"/projects/{project}/status")
    assert after == before


async def test_rows_that_somebody_removed_come_back_as_they_were(driver: Driver) -> None:
    project = await edited_and_made_again(driver)
    last = (await driver.held(project)).project.current_run_id
    before = await runs_of(driver)
    async with driver.engine.begin() as conn:
        await conn.execute(tables.tasks.delete().where(tables.tasks.c.run_id == last))
        await conn.execute(tables.runs.delete().where(tables.runs.c.id == last))
        await conn.execute(tables.tasks.delete().where(tables.tasks.c.stage == "voice"))

    found = await rebuild(driver.engine)
    written = await rebuild(driver.engine, write=True)
    again = await rebuild(driver.engine)

    words = "\n".join(found.differing[UUID(project)])
    assert f"run {last} is only in the log" in words
    assert words.count("is only in the log") > 3, "and the voices of the run before"
    assert (written.mended, written.differing) == (1, {})
    assert (again.agreeing, again.differing) == (1, {})
    assert await runs_of(driver) == before


async def test_what_the_log_does_not_know_stays_and_is_not_called_mended(
    driver: Driver, database_url: str
) -> None:
    project = await failed(driver)
    async with driver.engine.begin() as conn:
        [row] = (await conn.execute(select(tables.runs))).mappings()
        await conn.execute(tables.runs.insert().values({**row, "id": uuid4()}))
        await conn.execute(update(tables.projects).values(progress=7))

    code, words = await by_hand(database_url, "--write", project)

    assert code == 1
    assert "is only in the rows" in words
    assert "progress" not in words, "that much was mended"
    assert "0 mended, 1 differ" in words


async def runs_of(driver: Driver) -> list[tuple[object, ...]]:
    """When each run was opened, and when its user was told of its end."""
    runs = tables.runs.c
    query = select(runs.id, runs.opened_at, runs.acknowledged_at).order_by(runs.id)
    async with driver.engine.connect() as conn:
        return [tuple(row) for row in await conn.execute(query)]


async def test_by_hand_it_tells_by_its_exit_code_and_mends_when_told_to(
    driver: Driver, database_url: str
) -> None:
    project = await driver.with_video()
    async with driver.engine.begin() as conn:
        await conn.execute(update(tables.projects).values(progress=7))

    looked = await by_hand(database_url)
    mended = await by_hand(database_url, "--write", project)
    again = await by_hand(database_url)

    assert [code for code, _ in (looked, mended, again)] == [1, 0, 0]
    assert f"{project}: project: progress is 7" in looked[1]
    assert "1 mended" in mended[1]
    assert (await driver.get(f"/projects/{project}/status"))["progress"] == 100


async def by_hand(database_url: str, *said: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "projector.rebuild", *said,
        env={**os.environ, "DATABASE_URL": database_url}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    return process.returncode, out.decode()


async def test_a_project_with_an_active_run_is_left_alone(driver: Driver) -> None:
    project = await driver.created()
    await driver.post(f"/projects/{project}/script")

    report = await rebuild(driver.engine, write=True)

    assert report.skipped == {UUID(project): "a run is active"}


async def test_a_log_that_was_pruned_is_said_and_changes_nothing(driver: Driver) -> None:
    project = await driver.with_script()
    async with driver.engine.begin() as conn:
        await conn.execute(tables.project_events.delete())

    report = await rebuild(driver.engine, write=True)

    assert list(report.skipped) == [UUID(project)]
    assert (await driver.get(f"/projects/{project}/status"))["scriptReady"]
