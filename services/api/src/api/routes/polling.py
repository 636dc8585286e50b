"""``GET …/status`` as pages poll it: the commonest request by far, so nothing stands between it and
the answer. What has a query (a long poll) is left to the route in ``following``, which documents
both.
"""

import re
from typing import Final
from uuid import UUID

from fastapi import Request, Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from api import files
from api.auth import READ, Authenticator, require
from api.gathering import Gathered
from api.status import Told, owned

_ID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_PATH: Final = "reelay.polled"


class Poll(BaseRoute):
    """Answers as ``following.read_status`` without a query does; tests hold the two together."""

    def __init__(self, gathered: Gathered, authenticator: Authenticator, *, prefix: str) -> None:
        self._gathered = gathered
        self._authenticator = authenticator
        self._path = re.compile(f"{re.escape(prefix)}/projects/({_ID})/status")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and scope["method"] == "GET" and not scope["query_string"]:
            found = self._path.fullmatch(scope["path"])
            if found is not None:
                return Match.FULL, {_PATH: found[1]}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        user = await self._authenticator.user_of(request)
        require(user, READ)
        told = owned(await self._gathered.told(UUID(scope[_PATH])), user)
        await answer(told, request.headers.get("if-none-match"))(scope, receive, send)


def answer(told: Told, seen: str | None) -> Response:
    """The body, or 304 where ``seen`` (an If-None-Match) names it."""
    headers = {"ETag": told.etag, "Cache-Control": "private, no-cache"}
    if files.matches(seen, told.etag):
        return Response(status_code=304, headers=headers)
    return Response(told.body, headers=headers, media_type="application/json")
