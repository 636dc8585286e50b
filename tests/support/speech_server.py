"""A server that speaks the protocol of OpenAI's speech, with its moods."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from support.tones import tones

GOOD_KEY = "sk-good"
_REFUSALS: dict[str, tuple[int, dict[str, Any], dict[str, str]]] = {
    "busy": (429, {"code": "rate_limit_exceeded", "message": "slow down"}, {"Retry-After": "2"}),
    "spent": (429, {"code": "insufficient_quota", "message": "no money left"}, {}),
    "down": (503, {"code": None, "message": "overloaded"}, {}),
    "refused": (400, {"code": "invalid_voice", "message": "no such voice"}, {}),
}


@dataclass
class SpeechServer:
    """``moods`` are taken one a call; when they are used up it is well."""

    url: str = ""
    moods: list[str] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)

    async def models(self, request: web.Request) -> web.Response:
        return self._turned_away(request) or web.json_response({"data": []})

    async def speech(self, request: web.Request) -> web.StreamResponse:
        if away := self._turned_away(request):
            return away
        order = await request.json()
        self.orders.append(order)
        mood = self.moods.pop(0) if self.moods else "well"
        if mood in _REFUSALS:
            status, error, headers = _REFUSALS[mood]
            return web.json_response({"error": error}, status=status, headers=headers)
        if mood == "gateway":
            return web.Response(status=502, body="网关错误".encode("gbk"))
        if mood == "page":
            return web.Response(text="<html>hello</html>", content_type="text/html")
        if mood == "hang":
            await asyncio.Event().wait()
        return await self._sound(request, tones(order["input"]).pcm, mood)

    async def _sound(self, request: web.Request, body: bytes, mood: str) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "audio/pcm"})
        answer.enable_chunked_encoding()
        await answer.prepare(request)
        for start in range(0, len(body), 4_800):
            if mood in {"cut", "stall"} and start > len(body) // 2:
                if mood == "cut" and request.transport is not None:
                    request.transport.abort()
                await asyncio.Event().wait()
            await answer.write(body[start : start + 4_800])
        await answer.write_eof()
        return answer

    def _turned_away(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Bearer {GOOD_KEY}":
            return None
        error = {"code": "invalid_api_key", "message": "Incorrect API key provided"}
        return web.json_response({"error": error}, status=401)


@asynccontextmanager
async def speech_server() -> AsyncIterator[SpeechServer]:
    server = SpeechServer()
    app = web.Application()
    app.router.add_get("/v1/models", server.models)
    app.router.add_post("/v1/audio/speech", server.speech)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()
