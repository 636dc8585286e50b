"""``GET …/status`` as pages poll it: the commonest request by far, so nothing stands between it and
the answer. What has a query (a long poll), and what is not answered with a status, is left to the
route in ``following``, which documents both.
"""

import re
from typing import Final
from uuid import UUID

from fastapi import Response
from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from api import files
from api.auth import READ, Authenticator, require
from api.gathering import Gathered
from api.limits import MAX_HEADERS
from api.status import Told, owned

_ID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_FAILED: Final = "reelay.poll.failed"
_PRIVATE: Final = (b"cache-control", b"private, no-cache")
_JSON: Final = (b"content-type", b"application/json")


class Polls:
    """What answers polls before the application with all its middleware. An error takes the long
    way, where errors become answers.
    """

    def __init__(
        self, app: ASGIApp, gathered: Gathered, authenticator: Authenticator, *, prefix: str
    ) -> None:
        self._app = app
        self._gathered = gathered
        self._authenticator = authenticator
        self._path = re.compile(f"{re.escape(prefix)}/projects/({_ID})/status")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        project_id = self._asked(scope)
        if project_id is None:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            user = await self._authenticator.user_of(headers)
            require(user, READ)
            told = owned(await self._gathered.told(project_id), user)
        except Exception as error:  # noqa: BLE001  (raised again by FailedPoll)
            scope[_FAILED] = error
            await self._app(scope, receive, send)
        else:
            await _send(told, headers.get("if-none-match"), send)

    def _asked(self, scope: Scope) -> UUID | None:
        """Whose status a plain poll asks for; None for anything else."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
            return None
        found = self._path.fullmatch(scope["path"])
        if found is None:
            return None
        size = 0
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"origin" or size > MAX_HEADERS:
                return None  # judged by the application's middleware
        return UUID(found[1])


class FailedPoll(BaseRoute):
    """Where a poll that failed comes out: its error is raised among the other routes'."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL if _FAILED in scope else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        raise scope[_FAILED]


async def _send(told: Told, seen: str | None, send: Send) -> None:
    """What ``answer`` answers."""
    headers = [(b"etag", told.etag.encode()), _PRIVATE]
    unchanged = files.matches(seen, told.etag)
    if not unchanged:
        headers = [(b"content-length", b"%d" % len(told.body)), _JSON, *headers]
    status = 304 if unchanged else 200
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if unchanged else told.body})


def answer(told: Told, seen: str | None) -> Response:
    """The body, or 304 where ``seen`` (an If-None-Match) names it."""
    headers = {"ETag": told.etag, "Cache-Control": "private, no-cache"}
    if files.matches(seen, told.etag):
        return Response(status_code=304, headers=headers)
    return Response(told.body, headers=headers, media_type="application/json")
