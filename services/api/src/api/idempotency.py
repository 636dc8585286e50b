"""One transaction a command, and with an ``Idempotency-Key`` the same answer however often it is
sent.

The key's row commits with the work: a request that died before its commit leaves none and may be
sent again. Refusals (4xx) change nothing, so they are not kept: the same key is judged anew.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.auth import Caller, User
from api.errors import RefusedError
from shared.runtime import fail_points
from shared.store.engine import is_away
from shared.store.tables import idempotency_keys as keys

_TRIES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command answers: JSON-ready, so that it can be kept and replayed."""

    status: int = 202
    body: dict[str, Any]


class StaleLookError(Exception):
    """What was looked at before the transaction has changed: look again."""


Decide = Callable[[AsyncConnection], Awaitable[Answer]]
Look = Callable[[], Awaitable[None]]


class Once:
    """Runs a command's decision in one transaction; ``wake`` tells the relay after the commit."""

    def __init__(
        self,
        engine: AsyncEngine,
        wake: Callable[[], None],
        *,
        user: User,
        key: str | None,
        request: str,
    ) -> None:
        self._engine = engine
        self._wake = wake
        self._user = user
        self._key = key
        self._request = request

    async def answer(self, decide: Decide, *, look: Look | None = None) -> JSONResponse:
        """``look`` (slow reads, before the transaction) runs again when its ground has changed
        meanwhile.
        """
        if self._key is not None:
            async with self._engine.connect() as conn:
                first = await self._first(conn)
            if first is not None:
                return first
        for left in reversed(range(_TRIES)):
            if look is not None:
                await look()
            try:
                async with self._engine.begin() as conn:
                    answered = await self._decided(conn, decide)
            except (StaleLookError, IntegrityError):
                if not left:
                    raise
                continue
            fail_points.reached("api.committed")
            self._wake()
            return answered
        raise AssertionError("unreachable")

    async def _decided(self, conn: AsyncConnection, decide: Decide) -> JSONResponse:
        if self._key is None:
            return _rendered(await decide(conn))
        await self._alone(conn)
        first = await self._first(conn)
        if first is not None:
            return first
        answer = await decide(conn)
        await conn.execute(
            insert(keys).values(
                user_id=self._user.id,
                key=self._key,
                request=self._request,
                status=answer.status,
                body=answer.body,
            )
        )
        return _rendered(answer)

    async def _alone(self, conn: AsyncConnection) -> None:
        """Waits, 5 s at most, until no other request with this key is being answered."""
        number = func.hashtextextended(f"{self._user.id}\n{self._key}", 0)
        await conn.execute(text("SET LOCAL lock_timeout = '5s'"))
        try:
            await conn.execute(select(func.pg_advisory_xact_lock(number)))
        except DBAPIError as busy:
            if is_away(busy) and not busy.connection_invalidated:
                raise RefusedError("idempotency_busy") from busy
            raise

    async def _first(self, conn: AsyncConnection) -> JSONResponse | None:
        found = await conn.execute(
            select(keys.c.request, keys.c.status, keys.c.body).where(
                keys.c.user_id == self._user.id, keys.c.key == self._key
            )
        )
        row = found.one_or_none()
        if row is None:
            return None
        if row.request != self._request:
            raise RefusedError("idempotency_mismatch")
        return JSONResponse(row.body, row.status, {"Idempotency-Replayed": "true"})


def _rendered(answer: Answer) -> JSONResponse:
    return JSONResponse(answer.body, answer.status)


Key = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Any unique text: the first answer is replayed for the same request.",
    ),
]


async def once(request: Request, user: Caller, idempotency_key: Key = None) -> Once:
    """The dependency of every POST."""
    digest = hashlib.sha256(await request.body()).hexdigest()
    state = request.app.state
    return Once(
        state.engine,
        state.wake,
        user=user,
        key=idempotency_key,
        request=f"{request.method} {request.url.path}?{request.url.query} {digest}",
    )


OnceDep = Annotated[Once, Depends(once)]
