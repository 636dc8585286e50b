"""A page's end of an event stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx


class Page:
    """``seen`` holds every status that came, in order; ``alive`` counts the signs of life."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.alive = 0
        self.ended = False

    def last(self, project: str) -> dict[str, Any] | None:
        return next((s for s in reversed(self.seen) if s["projectId"] == project), None)

    async def read(self, answer: httpx.Response) -> None:
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                self.seen.append(json.loads(line[6:]))
            elif line.startswith("id: "):
                self.ids.append(line[4:])
            elif line.startswith(":"):
                self.alive += 1
        self.ended = True


@asynccontextmanager
async def following(
    client: httpx.AsyncClient, path: str, *, user: str = "ann", **params: str
) -> AsyncIterator[Page]:
    """An open page; its stream is cut when it is left."""
    headers = {"x-user": user, "accept": "text/event-stream"}
    address = f"/api/video-creation{path}"
    async with client.stream("GET", address, headers=headers, params=params) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        page = Page()
        reading = asyncio.create_task(page.read(answer))
        try:
            yield page
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
