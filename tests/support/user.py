"""A user with nothing but the HTTP API: submits, looks again and again, remembers what it saw."""

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

ARTICLE = """城市里的雨水管理正在发生变化。过去，雨水只能通过地下管道排走，街道常常被淹。
透水铺装是第一步。人行道改用带孔隙的材料，雨水可以直接渗入地下，能减少约40%的地表径流。
雨水花园是第二步。它滞留并净化雨水，植物的根系会过滤掉污染物。
调蓄池是第三步。它把多余的雨水存起来，旱季可以用来浇灌绿地。
海绵城市并不便宜，但与一次大规模内涝的损失相比，这笔账仍然划算。"""
FIVE_SCENES = """## 透水铺装
雨水可以直接渗入地下，街道不再积水。

## 雨水花园
它滞留雨水，植物的根系会过滤掉污染物。

## 调蓄池
多余的雨水存起来，旱季可以浇灌绿地。

## 绿色屋顶
屋顶的土壤吸收雨水，夏天房间也更凉快。

## 生态河岸
河岸长满植物，水流慢下来，鱼和鸟都回来了。"""
TWO_SCENES = "\n\n".join(FIVE_SCENES.split("\n\n")[:2])
_BASE = "/api/video-creation"


class User:
    """``seen`` holds every status answer; an API that is away for a moment is asked again."""

    def __init__(self, api_url: str) -> None:
        self._http = httpx.AsyncClient(base_url=api_url, timeout=10)
        self.project = ""
        self.seen: list[dict[str, Any]] = []

    async def __aenter__(self) -> "User":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def create(self, **body: Any) -> str:
        source = {} if {"outline", "topic"} & set(body) else {"article": ARTICLE}
        values = {**source, "targetSeconds": 30, "language": "zh-CN", **body}
        self.project = (await self.post("/projects", values))["projectId"]
        return self.project

    async def post(
        self, path: str, body: dict[str, Any] | None = None, *, key: str | None = None
    ) -> dict[str, Any]:
        """With one Idempotency-Key however often it must be sent."""
        headers = {"Idempotency-Key": key or str(uuid4())}
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = await self._http.post(_BASE + path, json=body or {}, headers=headers)
                if answer.status_code != 503:
                    assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
                    return answer.json()
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, f"{path}: no answer for a minute"
            await asyncio.sleep(0.1)

    async def get(self, path: str) -> Any:
        answer = await self._http.get(_BASE + path)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if "json" in answer.headers["content-type"] else answer.content

    async def status(self) -> dict[str, Any] | None:
        """None when the API is away just now."""
        try:
            answer = await self._http.get(f"{_BASE}/projects/{self.project}/status")
        except httpx.TransportError:
            return None
        if answer.status_code != 200:
            return None
        self.seen.append(answer.json())
        return self.seen[-1]

    async def until(
        self, condition: Callable[[dict[str, Any]], Any], *, within: float = 120
    ) -> dict[str, Any]:
        """Looks until the status is so; a run that failed is an error at once."""
        deadline = time.monotonic() + within
        status: dict[str, Any] | None = None
        while time.monotonic() < deadline:
            status = await self.status()
            if status is not None and condition(status):
                return status
            if status is not None and status["status"] == "FAILED":
                raise AssertionError(f"the run failed: {status['error']}")
            await asyncio.sleep(0.05)
        raise AssertionError(f"not within {within} s; last: {status}")

    async def script(self, **body: Any) -> dict[str, Any]:
        """Creates a project and waits for its script."""
        await self.create(**body)
        await self.post(f"/projects/{self.project}/script")
        return await self.until(lambda s: s["status"] == "DRAFT" and s["scriptReady"])

    async def produce(self, *, within: float = 150) -> dict[str, Any]:
        await self.post(f"/projects/{self.project}/production")
        return await self.until(lambda s: s["status"] == "EDITING", within=within)

    async def add_scene(self, narration: str) -> None:
        """The script, with another scene at its end."""
        view = await self.get(f"/projects/{self.project}")
        scenes = [*view["script"]["scenes"], {"narration": narration}]
        answer = await self._http.put(
            f"{_BASE}/projects/{self.project}/script",
            json={"title": view["script"]["title"], "scenes": scenes},
            headers={"If-Match": f'"{view["scriptVersion"]}"'},
        )
        assert answer.is_success, answer.text

    def percents(self, run: str) -> list[int]:
        return [status["progress"] for status in self.seen if status["runId"] == run]

    def assert_progress_never_fell(self) -> None:
        for run in {status["runId"] for status in self.seen if status["runId"]}:
            percents = self.percents(run)
            assert percents == sorted(percents), f"{run}: {percents}"


def done(status: dict[str, Any], stage: str) -> int:
    """How many tasks of a stage are done."""
    return next((s["done"] for s in status["stages"] if s["stage"] == stage), 0)


def scene(status: dict[str, Any], position: int, stage: str) -> dict[str, Any]:
    return status["scenes"][position][stage]
