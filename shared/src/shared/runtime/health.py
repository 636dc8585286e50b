"""``/live`` and ``/ready`` of a process that serves no other HTTP."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog

Check = Callable[[], bool | Awaitable[bool]]
_log = structlog.get_logger()
_REASONS = {200: "OK", 404: "Not Found", 503: "Service Unavailable"}


async def answers(checks: Mapping[str, Check]) -> dict[str, bool]:
    """Every check's answer, asked all at once; one that raises or takes 2 s says no."""
    said = await asyncio.gather(*map(_said, checks.values()), return_exceptions=True)
    return {name: answer is True for name, answer in zip(checks, said, strict=True)}


async def _said(check: Check) -> bool:
    async with asyncio.timeout(2):
        answer = check()
        return answer if isinstance(answer, bool) else await answer


@asynccontextmanager
async def serving(host: str, port: int, checks: Mapping[str, Check]) -> AsyncGenerator[None, None]:
    """Answers GET /live with 200 and GET /ready with 200 or 503, with the single checks; from the
    very start, while the service still waits for what it needs.
    """

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(5):
                line = await reader.readline()
                path = line.split(b" ")[1].decode("latin-1") if line.count(b" ") >= 2 else ""
                status, body = await _answer(path, checks)
                writer.write(_response(status, body))
                await writer.drain()
        except (OSError, TimeoutError, ValueError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, host, port)
    _log.info("health.served", port=server.sockets[0].getsockname()[1])
    try:
        yield
    finally:
        server.close()


async def _answer(path: str, checks: Mapping[str, Check]) -> tuple[int, dict[str, object]]:
    if path == "/live":
        return 200, {"live": True}
    if path == "/ready":
        found = await answers(checks)
        return (200 if all(found.values()) else 503), {"ready": all(found.values()), **found}
    return 404, {"error": "not found"}


def _response(status: int, body: dict[str, object]) -> bytes:
    text = json.dumps(body).encode()
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + text
