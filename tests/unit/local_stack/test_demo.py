"""The demo against an API that answers from a list."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from local_stack.client import Client
from local_stack.demo import DemoFailedError, made
from local_stack.errors import StackError
from local_stack.order import Order
from local_stack.view import line, shares

ORDER = Order(title="海绵城市", article="雨水。", language="zh-CN", aspect="16:9", seconds=30)


def stage(name: str, done: int, total: int = 2, **more: Any) -> dict[str, Any]:
    return {"stage": name, "percent": 100 * done / total, "done": done, "total": total, **more}


def status(state: str, **more: Any) -> dict[str, Any]:
    stages = [stage("script", 1, 1, busySeconds=1.0), stage("voice", 2, busySeconds=3.0)]
    body = {"status": state, "progress": 40, "progressMessage": "正在录音", "stages": stages}
    return {**body, "scriptReady": True, "error": None, "pollAfterMs": 1, **more}


def api(
    statuses: list[dict[str, Any]], asked: list[str]
) -> Callable[[httpx.Request], httpx.Response]:
    """Answers every status once, and the last one for ever."""

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/video-creation")
        asked.append(f"{request.method} {path}")
        if request.method == "POST":
            assert request.headers["Idempotency-Key"]
            return httpx.Response(202, json={"projectId": "p", "runId": "r"})
        if path.endswith("/status"):
            return httpx.Response(200, json=statuses.pop(0) if len(statuses) > 1 else statuses[0])
        if "/artifacts/" in path:
            return httpx.Response(200, content=path.rsplit("/", 1)[1].encode())
        scene = {"id": "s", "narration": "第一段。", "heading": "雨水", "card": None}
        return httpx.Response(200, json={"script": {"title": "海绵城市", "scenes": [scene]}})

    return answer


def client(answer: Callable[[httpx.Request], httpx.Response]) -> Client:
    return Client("http://api", transport=httpx.MockTransport(answer))


async def test_the_demo_confirms_the_script_and_saves_video_and_captions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked: list[str] = []
    said = io.StringIO()
    states = ["GENERATING_SCRIPT", "DRAFT", "GENERATING_AUDIO", "GENERATING_VIDEO", "EDITING"]

    async with client(api([status(state) for state in states], asked)) as http:
        _, files = await made(http, ORDER, Console(file=said, width=100))

    assert [file.read_text() for file in files] == ["video.mp4", "captions.srt"]
    posts = [one for one in asked if one.startswith("POST")]
    assert [one.rsplit("/", 1)[1] for one in posts] == [
        "projects",
        "script",
        "production",
        "notified",
    ]
    assert "第一段。" in said.getvalue()


async def test_a_failed_run_ends_the_demo_with_its_code_and_message() -> None:
    error = {"code": "voice_timeout", "message": "配音超时", "userCanRetry": True}
    failed = status("FAILED", error=error)

    async with client(api([failed], [])) as http:
        with pytest.raises(DemoFailedError, match="voice_timeout: 配音超时"):
            await made(http, ORDER, Console(file=io.StringIO()))


async def test_a_run_that_somebody_cancels_ends_the_demo() -> None:
    cancelled = status("DRAFT", scriptReady=False, runState="cancelled", pollAfterMs=None)

    async with client(api([status("GENERATING_SCRIPT"), cancelled], [])) as http:
        with pytest.raises(DemoFailedError, match="the run is cancelled"):
            await made(http, ORDER, Console(file=io.StringIO()))


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(away, id="the API"),
        pytest.param(lambda _: httpx.Response(503, json={}), id="its database"),
    ],
)
async def test_the_demo_goes_on_when_what_died_is_back(
    trouble: Callable[[httpx.Request], httpx.Response],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = api([status(state) for state in ("DRAFT", "EDITING")], [])
    asked: dict[str, list[str]] = {}

    def troubled(request: httpx.Request) -> httpx.Response:
        """Each address is away when it is first asked."""
        keys = asked.setdefault(request.url.path, [])
        keys.append(request.headers.get("Idempotency-Key", ""))
        return trouble(request) if len(keys) == 1 else answer(request)

    async with client(troubled) as http:
        _, files = await made(http, ORDER, Console(file=io.StringIO()))

    assert [file.read_text() for file in files] == ["video.mp4", "captions.srt"]
    assert all(keys[0] == keys[1] for keys in asked.values()), "an order is sent again as it was"


async def test_an_api_that_stays_away_is_told_in_words() -> None:
    async with Client("http://api", httpx.MockTransport(away), patience_s=0) as http:
        with pytest.raises(StackError, match="The API is away"):
            await http.create(ORDER.body)


async def test_an_unchanged_status_is_not_sent_twice() -> None:
    tags: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        tags.append(request.headers.get("If-None-Match"))
        if tags[-1]:
            return httpx.Response(304)
        return httpx.Response(200, json=status("DRAFT"), headers={"ETag": '"one"'})

    async with client(answer) as http:
        first = await http.status("p")
        assert await http.status("p") == first

    assert tags == [None, '"one"']


async def test_a_refusal_is_told_in_the_apis_own_words() -> None:
    problem = {"code": "article_too_long", "detail": "The article has 20,001 characters."}

    async with client(lambda _: httpx.Response(422, content=json.dumps(problem))) as http:
        with pytest.raises(StackError, match="article_too_long: The article has"):
            await http.create(ORDER.body)


def test_a_line_tells_percent_message_and_counts() -> None:
    said = line(status("GENERATING_AUDIO", stages=[stage("voice", 1), stage("clip", 1, reused=1)]))

    assert said == " 40 %  正在录音  Voices 1 of 2 · Clips 1 of 2, 1 kept"


def test_shares_add_up_to_a_hundred() -> None:
    found = shares([stage("voice", 2, busySeconds=3.0), stage("clip", 2, busySeconds=9.0)])

    assert found == [("Voices", 3.0, 25.0), ("Clips", 9.0, 75.0)]


def test_shares_of_nothing_are_nothing() -> None:
    assert shares([stage("voice", 2, busySeconds=0)]) == [("Voices", 0.0, 0.0)]
