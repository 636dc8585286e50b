"""The API while RabbitMQ or PostgreSQL is away: who asks is told at once, and nothing is lost."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from support.stack import stacked
from support.user import FIVE_SCENES, TWO_SCENES, User
from support.waiting import eventually

from local_stack.servers.postgres import Postgres
from local_stack.servers.rabbitmq import RabbitMQ
from shared.store.migrate import upgrade_async

pytestmark = pytest.mark.timeout(300)
BASE = "/api/video-creation"
NORMAL_S = 5  # half of what an ordinary request may take, on a machine that others load, too
AWAY_S = 2
NO_BROKER = "amqp://nobody:nothing@127.0.0.1:1/"
ONLY_THE_API = dict.fromkeys(("projector", "script-worker", "media-worker", "notifier"), 0)


async def test_without_the_broker_every_call_is_answered_and_the_work_goes_on_later(
    database_url: str, tmp_path: Path
) -> None:
    broker = RabbitMQ(tmp_path / "rabbitmq")
    await broker.start()
    try:
        async with (
            stacked(tmp_path, database_url, broker.url) as (stack, _),
            User(stack.api_url) as user,
            User(stack.api_url) as other,
            httpx.AsyncClient(base_url=stack.api_url, timeout=NORMAL_S) as http,
        ):
            written = (await user.script(outline=TWO_SCENES))["projectId"]
            await broker.stop()
            await eventually(lambda: _without_broker(http), within=30)

            started = await _call(http, "POST", "/projects", {"outline": FIVE_SCENES}, wanted=201)
            dropped = await _call(http, "POST", "/projects", {"topic": "海绵城市"}, wanted=201)
            for project in (started, dropped):
                at = f"/projects/{project['projectId']}"
                await _call(http, "POST", f"{at}/script", wanted=202)
                status = await _call(http, "GET", f"{at}/status")
                assert (status["status"], status["progress"]) == ("GENERATING_SCRIPT", 0)
                assert status["stages"][0]["done"] == 0
            at = f"/projects/{dropped['projectId']}"
            await _call(http, "POST", f"{at}/cancel", wanted=202)
            await _call(http, "POST", f"/projects/{written}/production", wanted=202)
            listed = await _call(http, "GET", "/projects")
            assert len(listed["items"]) == 3
            assert len(await _call(http, "GET", "/unfinished")) == 2
            await _call(http, "POST", "/unfinished/dismiss", {"projectIds": [written]})
            async with _stream(http, f"/projects/{started['projectId']}/events") as events:
                assert (await anext(events))["status"] == "GENERATING_SCRIPT"
            assert await _without_broker(http), "it stayed ready all the time"

            await broker.start()

            user.project, other.project = written, started["projectId"]
            await other.until(lambda s: s["status"] == "DRAFT" and s["scriptReady"])
            await user.until(lambda s: s["status"] == "EDITING")
            status = await _call(http, "GET", f"{at}/status")
            assert (status["status"], status["scriptReady"]) == ("DRAFT", False)
            await eventually(lambda: _ready(http, {"database": True, "broker": True}))
    finally:
        await broker.stop()


@pytest.mark.parametrize("how", ["stopped", "hanging"])
async def test_without_the_database_every_call_says_so_and_comes_back_by_itself(
    tmp_path: Path, how: str
) -> None:
    database = Postgres(tmp_path / "postgres")
    await database.start()
    try:
        await upgrade_async(database.url)
        async with (
            stacked(tmp_path, database.url, NO_BROKER, replicas=ONLY_THE_API) as (stack, _),
            httpx.AsyncClient(base_url=stack.api_url, timeout=30) as http,
        ):
            pid = stack.pid("api")
            made = await _call(http, "POST", "/projects", {"topic": "海绵城市"}, wanted=201)
            at = f"/projects/{made['projectId']}"
            async with _stream(http, f"{at}/events") as events:
                assert (await anext(events))["status"] == "DRAFT"
                await _away(database, how)

                for calls in _calls(at):
                    await asyncio.gather(*(_refused(http, *call) for call in calls))
                assert (await http.get("/live")).status_code == 200
                assert (await http.get("/ready")).status_code == 503

                await _back(database, how)

                await eventually(lambda: _ready(http, {"database": True, "broker": False}))
                await _call(http, "POST", f"{at}/script", wanted=202)
                async with asyncio.timeout(30):
                    assert (await anext(events))["status"] == "GENERATING_SCRIPT"
            assert stack.pid("api") == pid, "it was not started again"
    finally:
        await _back(database, how)
        await database.stop()


def _calls(at: str) -> list[list[tuple[str, str, Any]]]:
    """Every kind of call, in groups as many as one user makes at the same time."""
    scene = {"narration": "雨水渗入地下。"}
    calls = [
        ("POST", "/projects", {"topic": "海绵城市"}),
        ("GET", "/projects", None),
        ("GET", at, None),
        ("PATCH", at, {"title": "另一个"}),
        ("GET", f"{at}/status", None),
        ("GET", f"{at}/status?wait=20", None),
        ("GET", f"{at}/timeline", None),
        ("GET", f"{at}/events", None),
        ("GET", "/events", None),
        ("POST", "/events/tickets", None),
        ("GET", "/unfinished", None),
        ("POST", "/unfinished/dismiss", {}),
        ("PUT", f"{at}/script", {"title": "题目", "scenes": [scene]}),
        *(
            ("POST", f"{at}/{command}", {})
            for command in ("script", "production", "retry", "cancel", "complete", "notified")
        ),
        ("GET", f"{at}/artifacts/video.mp4", None),
        ("GET", f"{at}/links/video.mp4", None),
        ("GET", "/notifications", None),
        ("DELETE", at, None),
        ("POST", f"{at}/restore", {}),
    ]
    return [calls[start : start + 6] for start in range(0, len(calls), 6)]


async def _refused(http: httpx.AsyncClient, method: str, path: str, body: Any) -> None:
    began = time.monotonic()
    headers = {"If-Match": '"0"', "Idempotency-Key": f"{method} {path}".replace(" ", "-")}
    answer = await http.request(method, BASE + path, json=body, headers=headers)
    took = time.monotonic() - began
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable"), path
    assert int(answer.headers["retry-after"]) >= 1
    assert took < AWAY_S, f"{method} {path} took {took:.1f} s"


async def _call(
    http: httpx.AsyncClient, method: str, path: str, body: Any = None, *, wanted: int = 200
) -> Any:
    began = time.monotonic()
    answer = await http.request(method, BASE + path, json=body)
    took = time.monotonic() - began
    assert answer.status_code == wanted, f"{method} {path}: {answer.text}"
    assert took < NORMAL_S, f"{method} {path} took {took:.1f} s"
    return answer.json()


@asynccontextmanager
async def _stream(http: httpx.AsyncClient, path: str) -> AsyncIterator[AsyncIterator[Any]]:
    """The data of the events as they come."""
    async with http.stream("GET", BASE + path, timeout=60) as answer:
        assert answer.status_code == 200
        yield (
            json.loads(line.removeprefix("data:"))
            async for line in answer.aiter_lines()
            if line.startswith("data:")
        )


async def _ready(http: httpx.AsyncClient, wanted: dict[str, bool]) -> bool:
    answer = await http.get("/ready")
    return answer.status_code == 200 and wanted.items() <= answer.json().items()


async def _without_broker(http: httpx.AsyncClient) -> bool:
    return await _ready(http, {"ready": True, "database": True, "broker": False})


async def _away(database: Postgres, how: str) -> None:
    if how == "stopped":
        await database.kill()
    else:
        _signal(database, signal.SIGSTOP)


async def _back(database: Postgres, how: str) -> None:
    if how == "hanging":
        _signal(database, signal.SIGCONT)
    elif not database.alive:
        await database.start()


def _signal(database: Postgres, sign: signal.Signals) -> None:
    """To the server and all that it has started: a stopped one takes connections, no more."""
    server = psutil.Process(database.pid)
    for process in (server, *server.children(recursive=True)):
        process.send_signal(sign)
