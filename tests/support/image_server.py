"""A server that speaks the protocol of OpenAI's pictures, with its moods, and keeps account."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from support.key_questions import KeyQuestions
from support.uploading import a_picture

GOOD_KEY = "sk-good"
PICTURE = a_picture("PNG", (96, 64))
_REFUSALS: dict[str, tuple[int, dict[str, Any], dict[str, str]]] = {
    "busy": (429, {"code": "rate_limit_exceeded", "message": "slow down"}, {"Retry-After": "2"}),
    "spent": (429, {"code": "insufficient_quota", "message": "no money left"}, {}),
    "down": (503, {"code": None, "message": "overloaded"}, {}),
    "unsafe": (400, {"code": "moderation_blocked", "message": "rejected by our safety system"}, {}),
    "wrong": (400, {"code": "invalid_value", "message": "no such size"}, {}),
}
_USAGE = {"input_tokens": 50, "output_tokens": 1_000, "total_tokens": 1_050}


@dataclass
class ImageServer:
    """``moods`` are taken one a call; when they are used up, the picture comes in the answer.
    ``paid`` counts the pictures that were made. ``away``: how often a file is not there at first.
    """

    url: str = ""
    moods: list[str] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    paid: int = 0
    picture: bytes = PICTURE
    away: int = 0
    gone: bool = False
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    keys: KeyQuestions = field(default_factory=KeyQuestions)

    async def models(self, request: web.Request) -> web.Response:
        if answer := await self.keys.answer(request):
            return answer
        return _turned_away(request) or web.json_response({"object": "list", "data": []})

    async def generate(self, request: web.Request) -> web.StreamResponse:
        if away := _turned_away(request):
            return away
        self.orders.append(await request.json())
        mood = self.moods.pop(0) if self.moods else "well"
        if mood in _REFUSALS:
            status, error, headers = _REFUSALS[mood]
            return web.json_response({"error": error}, status=status, headers=headers)
        self.paid += 1
        if mood == "hang":
            await asyncio.Event().wait()
        if mood == "cut" and request.transport is not None:
            request.transport.abort()
        if mood == "gated":
            await self.gate.wait()
        return web.json_response(self._answer(mood))

    def _answer(self, mood: str) -> dict[str, Any]:
        body = base64.b64encode(self.picture).decode()
        data: list[dict[str, Any]] = {
            "nothing": [],
            "empty": [{"b64_json": ""}],
            "garbled": [{"b64_json": "§§§"}],
            "place": [{"url": f"{self.url.removesuffix('/v1')}/files/one.png"}],
            "strange place": [{"url": "file:///etc/passwd"}],
        }.get(mood, [{"b64_json": body}])
        usage = {} if "place" in mood else {"usage": {} if mood == "uncounted" else _USAGE}
        return {"created": 1_790_000_000, "data": data, **usage}

    async def file(self, request: web.Request) -> web.Response:
        if self.gone:
            return web.Response(status=403, text="expired")
        if self.away:
            self.away -= 1
            return web.Response(status=502)
        return web.Response(body=self.picture, content_type="image/png")


def _turned_away(request: web.Request) -> web.Response | None:
    if request.headers.get("Authorization") == f"Bearer {GOOD_KEY}":
        return None
    error = {"code": "invalid_api_key", "message": "Incorrect API key provided"}
    return web.json_response({"error": error}, status=401)


@asynccontextmanager
async def image_server() -> AsyncIterator[ImageServer]:
    server = ImageServer()
    app = web.Application()
    app.router.add_get("/v1/models", server.models)
    app.router.add_post("/v1/images/generations", server.generate)
    app.router.add_get("/files/one.png", server.file)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()
