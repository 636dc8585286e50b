"""What every request is held to: a body of 1 MB that is JSON (but for routes that take raw bytes),
and an answer that begins within the time limit.
"""

import asyncio
from typing import Final

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.bodies import fault_of
from api.catalogue import preferred
from api.errors import problem

MAX_BODY: Final = 1_000_000
MAX_ADDRESS: Final = 16_000
MAX_HEADERS: Final = 256_000


_TIMEOUT: Final = "reelay.timeout"


class Limits:
    """ASGI middleware. The time limit ends with the answer's first byte: a video may stream for
    longer. ``raw``: the paths of routes that read, and bound, their bodies themselves.
    """

    def __init__(
        self, app: ASGIApp, *, timeout_s: float, raw: frozenset[str] = frozenset()
    ) -> None:
        self._app = app
        self._timeout_s = timeout_s
        self._raw = raw

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False
        limit = asyncio.timeout(self._timeout_s)
        scope[_TIMEOUT] = limit

        async def sending(message: Message) -> None:
            nonlocal begun
            if not begun:
                begun = True
                limit.reschedule(None)
            await send(message)

        try:
            async with limit:
                await self._bounded(scope, receive, sending)
        except TimeoutError:
            if begun:
                raise
            await _refused("request_timeout", scope=scope)(scope, receive, send)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        if fault := _oversize(scope):
            await _refused(fault, scope=scope)(scope, receive, send)
            return
        if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        if dict(scope["headers"]).get(b"content-encoding", b"identity") != b"identity":
            await _refused("encoding_refused", scope=scope)(scope, receive, send)
            return
        if scope["path"] in self._raw:
            await self._app(scope, receive, send)
        else:
            await self._with_json(scope, receive, send)

    async def _with_json(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(scope, receive)
        if body is None:
            await _refused("body_too_large", scope=scope)(scope, receive, send)
            return
        media_type = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
        if fault := fault_of(body, media_type):
            await _refused(*fault, scope=scope)(scope, receive, send)
            return
        given = False

        async def replayed() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replayed, send)


def _oversize(scope: Scope) -> str | None:
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_ADDRESS:
        return "address_too_long"
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
        return "headers_too_large"
    return None


def extend(scope: Scope, seconds: float) -> None:
    """This request may take so much longer: it waits on purpose."""
    limit: asyncio.Timeout = scope[_TIMEOUT]
    limit.reschedule((limit.when() or 0) + seconds)


def _refused(code: str, detail: str = "", *, scope: Scope) -> JSONResponse:
    said = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    return problem(code, detail, language=preferred(said))


async def _read(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body; None when it is too large, or the client has gone."""
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > MAX_BODY:
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body", False):
            return bytes(body)
