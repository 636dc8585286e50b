"""A receiver of Standard Webhooks, which checks signatures by itself, with its moods."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@dataclass
class HookReceiver:
    """``answers`` are given one a call, then 204; "hang" does not answer before the
    end. ``heard``: all that came with a good signature, as (webhook-id, body).
    """

    url: str = ""
    answers: list[int | str] = field(default_factory=list)
    heard: list[tuple[str, Any]] = field(default_factory=list)
    refused: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def hook(self, request: web.Request) -> web.Response:
        body = await request.read()
        identity, at = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        signed = hmac.new(KEY, f"{identity}.{at}.".encode() + body, hashlib.sha256).digest()
        good = f"v1,{base64.b64encode(signed).decode()}"
        if request.headers["webhook-signature"] != good or abs(time.time() - int(at)) > 300:
            self.refused += 1
            return web.Response(status=401)
        self.heard.append((identity, json.loads(body)))
        answer = self.answers.pop(0) if self.answers else 204
        if answer == "hang":
            await self.ended.wait()
            return web.Response(status=503)
        headers = {"Location": self.url} if answer == 302 else {}
        return web.Response(status=int(answer), headers=headers)


@asynccontextmanager
async def hook_receiver(*answers: int | str) -> AsyncIterator[HookReceiver]:
    receiver = HookReceiver(answers=list(answers))
    app = web.Application()
    app.router.add_post("/hook", receiver.hook)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    receiver.url = f"http://127.0.0.1:{port}/hook"
    try:
        yield receiver
    finally:
        receiver.ended.set()
        await runner.cleanup()
