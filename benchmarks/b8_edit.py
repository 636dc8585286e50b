"""B8: one sentence of a finished video changed, looked at small, and the video made again, beside
the whole.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx

from benchmarks.local import cpu_used, local_stack
from benchmarks.machine import described
from benchmarks.rounds import Claim, Figures, Result, in_turn
from local_stack.client import Client
from local_stack.stack import Stack

COLUMNS = {"cpu_s": "CPU of all services, s", "wall_s": "from order to film, s"}


async def measure(rounds: int, say: Callable[[str], None], *, smoke: bool = False) -> Result:
    scenes = 2 if smoke else 20
    async with local_stack() as stack, AsyncExitStack() as clients:
        maker = Maker(stack, await clients.enter_async_context(Client(stack.api_url)), scenes)
        series = await in_turn(
            {
                "the whole video": maker.whole,
                "one sentence's preview": maker.previewed,
                "one sentence changed": maker.edited,
            },
            rounds,
            say,
            backwards=False,
        )
    return Result(
        id="b8",
        title=f"one sentence of {scenes} scenes, edited and produced again",
        columns=COLUMNS,
        series=series,
        claims=[
            Claim(text="the edit / the whole, CPU", metric="cpu_s", of="one sentence changed",
                  against="the whole video", bar=0.12, aim=0.07, above=False),
            Claim(text="the edit / the whole, time", metric="wall_s", of="one sentence changed",
                  against="the whole video", above=False),
            Claim(text="a changed scene's preview, s", metric="wall_s", of="one sentence's preview",
                  bar=5, above=False),
        ],
        notes=[
            "The services of `make up` with its own voice and look, 16:9, through the HTTP API.",
            "An edit makes again one voice, one clip and the assembly, which copies the bodies of "
            "the other clips.",
            "The preview is of a sentence changed just before: its voice is recorded for it.",
        ],
        about=described("av"),
    )  # fmt: skip


class Maker:
    """Edits are of the video that was made last; the first round begins with a whole one."""

    def __init__(self, stack: Stack, client: Client, scenes: int) -> None:
        self._stack = stack
        self._client = client
        self._scenes = scenes
        self._project = ""
        self._videos = self._edits = 0

    async def whole(self) -> Figures:
        """No scene is one of an earlier round: nothing of it lies in the store already."""
        self._videos += 1
        scenes = [
            f"## 第{n + 1}个例子\n城市里的雨水管理正在变化，这是第{self._videos}部片子。"
            for n in range(self._scenes)
        ]
        body = {"title": f"海绵城市 {self._videos}", "outline": "\n\n".join(scenes)}
        self._project = await self._client.create(body)
        await self._client.order(self._project, "script")
        await self._until("DRAFT")
        return await self._produced()

    async def previewed(self) -> Figures:
        scene = await self._changed()
        cpu, began = cpu_used(self._stack), time.monotonic()
        preview = self._address(f"scenes/{scene}/preview")
        async with httpx.AsyncClient(timeout=60) as http:
            answer = await http.post(preview)
            while answer.status_code == httpx.codes.ACCEPTED:
                answer = await http.get(preview, params={"wait": 25})
        answer.raise_for_status()
        return self._since(cpu, began)

    async def edited(self) -> Figures:
        await self._changed()
        return await self._produced()

    async def _changed(self) -> str:
        """Saves another sentence; answers its scene."""
        self._edits += 1
        project = await self._client.project(self._project)
        script: dict[str, Any] = project["script"]
        if len(script["scenes"]) != self._scenes:
            raise RuntimeError(f"{len(script['scenes'])} scenes")
        scene = script["scenes"][self._scenes // 2]
        scene["narration"] = f"城市里的雨水管理又有变化，这是第{self._edits}次修改。"
        async with httpx.AsyncClient() as http:
            answer = await http.put(
                self._address("script"),
                json={"title": script["title"], "scenes": script["scenes"]},
                headers={"If-Match": f'"{project["scriptVersion"]}"'},
            )
        answer.raise_for_status()
        return str(scene["id"])

    def _address(self, of: str) -> str:
        return f"{self._stack.api_url}/api/video-creation/projects/{self._project}/{of}"

    async def _produced(self) -> Figures:
        cpu, began = cpu_used(self._stack), time.monotonic()
        await self._client.order(self._project, "production")
        await self._until("EDITING")
        return self._since(cpu, began)

    def _since(self, cpu: float, began: float) -> Figures:
        return {"cpu_s": cpu_used(self._stack) - cpu, "wall_s": time.monotonic() - began}

    async def _until(self, wanted: str) -> None:
        async with asyncio.timeout(1_200):
            while (status := await self._client.status(self._project))["status"] != wanted or (
                status["pollAfterMs"] is not None
            ):
                if status["status"] == "FAILED":
                    raise RuntimeError(status["error"])
                await asyncio.sleep(0.1)
