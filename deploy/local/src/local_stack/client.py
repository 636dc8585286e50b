"""The public HTTP API as the demo uses it: nothing that a user's own program could not do."""

from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

import httpx

from local_stack.errors import StackError

_BASE: Final = "/api/video-creation"
_UNCHANGED: Final = 304
Json = dict[str, Any]


class Client:
    """Raises StackError with the API's own words when it refuses something."""

    def __init__(self, api_url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
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
        return _body(await self._http.get(f"/projects/{project}"))

    async def status(self, project: str) -> Json:
        """An unchanged status costs the API next to nothing."""
        headers = {"If-None-Match": self._etag} if self._etag else {}
        answer = await self._http.get(f"/projects/{project}/status", headers=headers)
        if answer.status_code != _UNCHANGED:
            self._status, self._etag = _body(answer), answer.headers.get("etag", "")
        return self._status

    async def save(self, project: str, artifact: str, file: Path) -> None:
        """By way of a temporary name: what is there is whole."""
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f"{file.name}.partial")
        async with self._http.stream("GET", f"/projects/{project}/artifacts/{artifact}") as answer:
            if not answer.is_success:
                await answer.aread()
                _body(answer)
            with partial.open("wb") as output:
                async for part in answer.aiter_bytes():
                    output.write(part)
        partial.replace(file)

    async def notified(self, project: str) -> None:
        await self._post(f"/projects/{project}/notified")

    async def _post(self, path: str, body: Json | None = None) -> Json:
        headers = {"Idempotency-Key": str(uuid4())}
        return _body(await self._http.post(path, json=body or {}, headers=headers))


def _body(answer: httpx.Response) -> Json:
    if answer.is_success:
        return answer.json()
    try:
        problem: Json = answer.json()
    except ValueError:
        problem = {}
    words = problem.get("detail") or problem.get("title") or answer.text[:300]
    code = problem.get("code", answer.status_code)
    raise StackError(f"{code}: {words} ({answer.request.method} {answer.request.url.path})")
