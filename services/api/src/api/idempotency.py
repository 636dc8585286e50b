"""One transaction a command, and with an ``Idempotency-Key`` the same answer however often it is
sent.

The key's row commits with the work: a request that died before its commit leaves none and may be
sent again. A refusal that was decided is kept too: what was refused because a run was active must
not start one when a network sends it again later. Only what asks to come again (429, 503) is not.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from sqlalchemy import String, bindparam, func, select, text, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.auth import Caller, Operator, User
from api.catalogue import CATALOGUE, preferred
from api.errors import RefusedError, problem
from shared.errors import ServiceError
from shared.messages.base import Language
from shared.runtime import fail_points
from shared.store.engine import autocommit, is_away
from shared.store.tables import idempotency_keys as keys

_TRIES: Final = 3
_COME_AGAIN: Final = frozenset({429, 503})
KEPT: Final = text("interval '48 hours'")
# Built once, and not for each request.
_ALONE: Final = select(
    func.set_config("lock_timeout", "5s", true()),
    func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name", type_=String), 0)),
)
_FIRST: Final = select(keys.c.request, keys.c.status, keys.c.body).where(
    keys.c.user_id == bindparam("user_id"),
    keys.c.key == bindparam("key"),
    keys.c.created_at > func.now() - KEPT,
)
_NEW: Final = insert(keys).values(
    {name: bindparam(name) for name in ("user_id", "key", "request", "status", "body")}
)
_KEEP: Final = _NEW.on_conflict_do_update(
    index_elements=["user_id", "key"],
    set_={
        **{name: _NEW.excluded[name] for name in ("request", "status", "body")},
        "created_at": func.now(),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command answers: JSON-ready, so that it can be kept and replayed."""

    status: int = 202
    body: dict[str, Any]


class _UndoneError(Exception):
    """Ends the transaction of a decision that refused, whose ``answer`` is to be kept."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class StaleLookError(Exception):
    """What was looked at before the transaction has changed: look again."""


Decide = Callable[[AsyncConnection], Awaitable[Answer]]
Look = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as far as repeating it goes: ``request`` is its method, address and body's hash."""

    user: User
    key: str | None
    request: str
    language: Language


class Once:
    """Runs a command's decision in one transaction; ``committed`` is told after it."""

    def __init__(self, engine: AsyncEngine, committed: Callable[[], None], asked: Asked) -> None:
        self._engine = engine
        self._committed = committed
        self._asked = asked

    async def answer(self, decide: Decide, *, look: Look | None = None) -> JSONResponse:
        """``look`` (slow reads, before the transaction) runs again when its ground has changed
        meanwhile.
        """
        if self._asked.key is not None:
            async with autocommit(self._engine) as conn:
                first = await self._first(conn)
            if first is not None:
                return first
        for _ in range(_TRIES):
            try:
                answered = await self._tried(decide, look)
            except (StaleLookError, IntegrityError):
                continue
            fail_points.reached("api.committed")
            self._committed()
            return answered
        raise RefusedError("version_conflict")

    async def _tried(self, decide: Decide, look: Look | None) -> JSONResponse:
        """A refusal of ``look`` is decided like any other, so that it is kept like any other: in a
        transaction of its own, for all else that its decision did is undone. If another request
        with this key was answered in between, that is the answer.
        """

        async def decided(conn: AsyncConnection) -> Answer:
            if refused is not None:
                raise refused
            return await decide(conn)

        refused = await _refusal_of(look)
        try:
            async with self._engine.begin() as conn:
                return await self._decided(conn, decided)
        except _UndoneError as undone:
            answer = undone.answer

        async def kept(_: AsyncConnection) -> Answer:
            return answer

        async with self._engine.begin() as conn:
            return await self._decided(conn, kept)

    async def _decided(self, conn: AsyncConnection, decide: Decide) -> JSONResponse:
        if self._asked.key is None:
            return self._rendered(await decide(conn))
        await self._alone(conn)
        first = await self._first(conn)
        if first is not None:
            return first
        try:
            answer = await decide(conn)
        except ServiceError as refused:
            raise _UndoneError(kept_refusal(refused)) from refused
        if not _asks_to_come_again(answer):
            kept = {"status": answer.status, "body": answer.body}
            await conn.execute(_KEEP, {**self._row, **kept})
        return self._rendered(answer)

    @property
    def _row(self) -> dict[str, Any]:
        asked = self._asked
        return {"user_id": asked.user.id, "key": asked.key, "request": asked.request}

    def _rendered(self, answer: Answer, headers: dict[str, str] | None = None) -> JSONResponse:
        """Status 0 is a refusal, told in the language of whoever asks."""
        if answer.status:
            return JSONResponse(answer.body, answer.status, headers)
        said = answer.body
        return problem(
            said["code"],
            said["detail"],
            language=self._asked.language,
            headers=headers,
            extra=said["extra"],
        )

    async def _alone(self, conn: AsyncConnection) -> None:
        """Waits, 5 s at most, until no other request with this key is being answered."""
        try:
            await conn.execute(_ALONE, {"name": f"{self._asked.user.id}\n{self._asked.key}"})
        except DBAPIError as busy:
            if is_away(busy) and not busy.connection_invalidated:
                raise RefusedError("idempotency_busy") from busy
            raise

    async def _first(self, conn: AsyncConnection) -> JSONResponse | None:
        row = (await conn.execute(_FIRST, self._row)).one_or_none()
        if row is None:
            return None
        if row.request != self._asked.request:
            raise RefusedError("idempotency_mismatch")
        answer = Answer(status=row.status, body=row.body)
        return self._rendered(answer, {"Idempotency-Replayed": "true"})


async def _refusal_of(look: Look | None) -> RefusedError | None:
    try:
        if look is not None:
            await look()
    except RefusedError as refused:
        return refused
    return None


def kept_refusal(refused: ServiceError) -> Answer:
    """A refusal as an answer that commits; raises again what only asks to come again."""
    answer = refusal(refused)
    if _asks_to_come_again(answer):
        raise refused
    return answer


def refusal(refused: ServiceError) -> Answer:
    """Any refusal of the catalogue as an answer that commits, whether or not it is kept."""
    if refused.code not in CATALOGUE:
        raise refused
    extra = refused.extra if isinstance(refused, RefusedError) else {}
    body = {"code": refused.code, "detail": refused.detail, "extra": extra}
    return Answer(status=0, body=body)


def _asks_to_come_again(answer: Answer) -> bool:
    return not answer.status and CATALOGUE[answer.body["code"]].status in _COME_AGAIN


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
    return await _once(request, user, idempotency_key)


async def operators_once(request: Request, user: Operator, idempotency_key: Key = None) -> Once:
    """The same for operators."""
    return await _once(request, user, idempotency_key)


async def _once(request: Request, user: User, idempotency_key: str | None) -> Once:
    digest = hashlib.sha256(await request.body()).hexdigest()
    state = request.app.state
    asked = Asked(
        user=user,
        key=idempotency_key,
        request=f"{request.method} {request.url.path}?{request.url.query} {digest}",
        language=preferred(request.headers.get("accept-language")),
    )
    committed = partial(state.committed, user, request.path_params.get("project_id"))
    return Once(state.engine, committed, asked)


OnceDep = Annotated[Once, Depends(once)]
OperatorsOnceDep = Annotated[Once, Depends(operators_once)]
