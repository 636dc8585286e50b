"""A server that speaks the protocol of Edge's read-aloud voices, over TLS, with its moods."""

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape

import aiohttp
import edge_tts.communicate
import trustme
from aiohttp import web
from aiohttp.abc import AbstractResolver
from support.tones import tones

HOST = "speech.platform.bing.com"
_PATH = "/consumer/speech/synthesize/readaloud/edge/v1"


@dataclass
class EdgeServer:
    """``moods`` are taken one a connection; when they are used up it is well."""

    port: int = 0
    moods: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    configs: list[str] = field(default_factory=list)
    connectors: list["_Kept"] = field(default_factory=list)

    def connect(self) -> aiohttp.BaseConnector:
        """For the client: the provider's name leads here."""
        self.connectors.append(_Kept(resolver=_Here(self.port), force_close=True))
        return self.connectors[-1]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        mood = self.moods.pop(0) if self.moods else "well"
        if mood.isdigit():
            return web.Response(status=int(mood), text="no")
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        self.configs.append((await socket.receive_str()).partition("\r\n\r\n")[2])
        order = (await socket.receive_str()).partition("\r\n\r\n")[2]
        self.orders.append(order)
        if mood == "silent":
            await asyncio.Event().wait()
        await _speak(socket, order, mood)
        await socket.close()
        return socket


class _Kept(aiohttp.TCPConnector):
    """The client opens a session a connection, and each would close what it was given."""

    def close(self, *, abort_ssl: bool = False):  # type: ignore[override]
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    async def end(self) -> None:
        await super().close()


class _Here(AbstractResolver):
    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list:  # type: ignore[override]
        return [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": self._port,
                "family": 2,
                "proto": 0,
                "flags": 0,
            }
        ]

    async def close(self) -> None:
        pass


async def _speak(socket: web.WebSocketResponse, order: str, mood: str) -> None:
    text = unescape(re.sub(r"<[^>]+>", "", order))
    made = tones(text)
    sound = b"\0" * 4_000 if mood == "noise" else made.mp3
    words = made.words[: len(made.words) // 3] if mood == "cut" else made.words
    sound = sound[: len(sound) // 3] if mood == "cut" else sound
    await _say(socket, "turn.start", {"context": {"serviceTag": "x"}})
    await _say(socket, "response", {"context": {"serviceTag": "x"}})
    for start in range(0, len(sound), 720):
        await socket.send_bytes(_binary(sound[start : start + 720]))
    for word, at, length in words if mood != "wordless" else ():
        boundary = {
            "Type": "WordBoundary",
            "Data": {
                "Offset": at * 10_000,
                "Duration": length * 10_000,
                "text": {"Text": word, "Length": len(word), "BoundaryType": "WordBoundary"},
            },
        }
        await _say(socket, "audio.metadata", {"Metadata": [boundary]})
    if mood == "strange":
        await _say(socket, "something.new", {})
    if mood != "cut":
        await _say(socket, "turn.end", {})


async def _say(socket: web.WebSocketResponse, path: str, body: dict) -> None:
    head = f"X-RequestId:1\r\nContent-Type:application/json; charset=utf-8\r\nPath:{path}\r\n\r\n"
    await socket.send_str(head + json.dumps(body))


def _binary(data: bytes) -> bytes:
    head = b"X-RequestId:1\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n"
    return len(head).to_bytes(2, "big") + head + data


@asynccontextmanager
async def edge_server() -> AsyncIterator[EdgeServer]:
    server = EdgeServer()
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST).configure_cert(context)
    # The client library trusts only the world's authorities; here it also trusts ours.
    edge_tts.communicate._SSL_CTX.load_verify_locations(cadata=authority.cert_pem.bytes().decode())
    app = web.Application()
    app.router.add_get(_PATH, server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        for connector in server.connectors:
            await connector.end()
        await runner.cleanup()
