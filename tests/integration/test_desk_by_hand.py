"""The operators' desk from a terminal, over a real server, broker and database."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from support.burying import buried, dead_script
from support.driving import Driver
from support.http import parts_of, served
from support.waiting import eventually

from api.app import application
from api.operate import table
from notifier.app import broker_for
from notifier.store import NoticeStore
from shared.artifacts.store import ArtifactStore
from shared.messaging.publisher import Publisher
from shared.messaging.topology import MILESTONES_QUEUE
from shared.milestones import milestone_of
from shared.store.engine import store_engine
from shared.store.relay import Relay


@asynccontextmanager
async def desk(database_url: str, rabbitmq_url: str, folder: Path) -> AsyncIterator[Driver]:
    """An API with a relay beside it, its address in ``driver.client.base_url``."""
    engine = store_engine(database_url, pool=8, application="tests")
    artifacts = ArtifactStore.at(f"file://{folder}")
    stop = asyncio.Event()
    async with Publisher(rabbitmq_url, name="tests") as publisher:
        relaying = asyncio.create_task(Relay(engine, publisher, artifacts, stop).run())
        parts = parts_of(engine, artifacts, depth=publisher.depth)
        async with (
            served(application(parts)) as url,
            httpx.AsyncClient(base_url=url, timeout=10) as client,
        ):
            yield Driver(client, engine, artifacts)
        stop.set()
        await relaying
    await engine.dispose()


async def reelay(driver: Driver, *said: str, code: int = 0) -> str:
    """What the program says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "api.operate", *said),
        env={**os.environ, "REELAY_URL": str(driver.client.base_url), "PYTHONUTF8": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    assert process.returncode == code, errors.decode()
    return (errors if code else out).decode()


@pytest.mark.timeout(60)
async def test_an_operator_finds_a_dead_letter_and_sends_it_again(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with desk(database_url, rabbitmq_url, tmp_path) as driver:
        project, letter = await dead_script(driver)

        listed = await reelay(driver, "dead", "list")
        shown = await reelay(driver, "dead", "show", str(letter))
        redriven = await reelay(driver, "dead", "redrive", str(letter))
        again = await reelay(driver, "dead", "redrive", str(letter), code=1)
        settled = await reelay(driver, "dead", "list", "--settled", "--queue=script-worker.script")

        status = await driver.get(f"/projects/{project}/status")
    assert listed.splitlines()[1].split()[0] == str(letter)
    assert f"projectId: {project}" in shown
    assert "way: retry" in shown
    assert f"run {status['runId']} was opened" in redriven
    assert status["status"] == "GENERATING_SCRIPT"
    assert again.startswith("dead_letter_settled: ")
    assert "redriven" in settled


@pytest.mark.timeout(60)
async def test_a_milestone_sent_again_reaches_the_notifier(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with desk(database_url, rabbitmq_url, tmp_path) as driver:
        project = await driver.with_script()
        held = await driver.held(project)
        body = milestone_of(held.project, held.run).model_dump_json().encode()
        letter = await buried(driver.engine, body, queue=MILESTONES_QUEUE)
        await reelay(driver, "dead", "redrive", str(letter))
        broker = broker_for(rabbitmq_url, NoticeStore(driver.engine))

        await broker.start()

        await eventually(lambda: _titles(driver))
        await broker.stop()
        assert await _titles(driver) == ["script.ready"]


async def test_queues_are_shown_as_the_broker_has_them(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with desk(database_url, rabbitmq_url, tmp_path) as driver:
        await driver.post(f"/projects/{await driver.created()}/script")
        await eventually(lambda: _ready(driver, "script-worker.script"))

        said = await reelay(driver, "queues")
        workers = await reelay(driver, "workers")

    rows = {line.split()[0]: line.split()[1:] for line in said.splitlines()[2:]}
    assert rows["script-worker.script"] == ["commands", "True", "1", "0"]
    assert rows["projector.facts.dead"] == ["dead", "True", "0", "0"]
    assert workers.splitlines()[1].split()[:5] == ["script", "0", "0", "0", "1"]


async def test_a_stranger_on_the_line_is_told_as_one(tmp_path: Path) -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as client:
        driver = Driver(client, None, None)  # type: ignore[arg-type]

        said = await reelay(driver, "dead", "list", code=1)

    assert said.startswith("No answer from http://127.0.0.1:1")


def test_nothing_in_a_letter_commands_the_terminal() -> None:
    row = {"reason": "\x1b[2J\x1b]0;mine\x07" + "x" * 100}

    said = table({"reason": "REASON"}, [row])

    assert "\x1b" not in said
    assert max(map(len, said.splitlines())) == 60


async def _titles(driver: Driver) -> list[str]:
    return [notice["kind"] for notice in (await driver.get("/notifications"))["items"]]


async def _ready(driver: Driver, queue: str) -> int | None:
    answer = await driver.client.get("/api/ops/queues")
    return next(one["ready"] for one in answer.json()["items"] if one["name"] == queue)
