"""The public HTTP API as the demo uses it: nothing that a user's own program could not do."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from uuid import uuid4

import httpx

from local_stack.errors import StackError

_BASE: Final = "/api/video-creation"
_UNCHANGED: Final = 304
_UNAVAILABLE: Final = 503
_PAUSE_S: Final = 0.5
Json = dict[str, Any]
T = TypeVar("T")


class AwayError(StackError):
    """The API or its database is away; a stack starts both again."""

    code = "api_away"


class Client:
    """Raises StackError with the API's own words when it refuses something. While the API is away,
    for ``patience_s`` at most, everything is tried again.
    """

    def __init__(
        self,
        api_url: str,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        patience_s: float = 60,
    ) -> None:
        self._patience_s = patience_s
        self._http = httpx.AsyncClient(
            base_url=api_url + _BASE, timeout=30, trust_env=False, transport=transport
        )
        self._etag = ""
        self._status: Json = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def create(self, body: Json) -> str:
        return str((await self._post("/projects", body))["projectId"])

    async def order(self, project: str, what: str) -> None:
        """``script`` or ``production``."""
        await self._post(f"/projects/{project}/{what}")

    async def project(self, project: str) -> Json:
        return _body(await self._asked("GET", f"/projects/{project}"))

    async def status(self, project: str) -> Json:
        """An unchanged status costs the API next to nothing."""
        headers = {"If-None-Match": self._etag} if self._etag else {}
        answer = await self._asked("GET", f"/projects/{project}/status", headers=headers)
        if answer.status_code != _UNCHANGED:
            self._status, self._etag = _body(answer), answer.headers.get("etag", "")
        return self._status

    async def save(self, project: str, artifact: str, file: Path) -> None:
        """By way of a temporary name: what is there is whole."""
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f"{file.name}.partial")

        async def fetch() -> None:
            path = f"/projects/{project}/artifacts/{artifact}"
            async with self._http.stream("GET", path) as answer:
                if not answer.is_success:
                    await answer.aread()
                    _body(answer)
                with partial.open("wb") as output:
                    async for part in answer.aiter_bytes():
                        output.write(part)

        await self._patiently(fetch)
        partial.replace(file)

    async def notified(self, project: str) -> None:
        await self._post(f"/projects/{project}/notified")

    async def _post(self, path: str, body: Json | None = None) -> Json:
        headers = {"Idempotency-Key": str(uuid4())}  # the same each time that it is sent
        return _body(await self._asked("POST", path, json=body or {}, headers=headers))

    async def _asked(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            answer = await self._http.request(method, path, **more)
            if answer.status_code == _UNAVAILABLE:
                _body(answer)
            return answer

        return await self._patiently(ask)

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                return await work()
            except (httpx.TransportError, AwayError) as away:
                if time.monotonic() > deadline:
                    raise StackError(f"The API is away: {away!r}") from away
            await asyncio.sleep(_PAUSE_S)


def _body(answer: httpx.Response) -> Json:
    """Raises AwayError for a 503, StackError for any other refusal."""
    if answer.is_success:
        return answer.json()
    try:
        problem: Json = answer.json()
    except ValueError:
        problem = {}
    words = problem.get("detail") or problem.get("title") or answer.text[:300]
    code = problem.get("code", answer.status_code)
    kind = AwayError if answer.status_code == _UNAVAILABLE else StackError
    raise kind(f"{code}: {words} ({answer.request.method} {answer.request.url.path})")
