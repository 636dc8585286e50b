"""Dead letters: listed, shown, and settled once, by sending again or by throwing away."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.auth import User
from api.desk.audit import audited, lines
from api.desk.views import LetterPage, LetterSummary, LetterView, Settled, SettledView
from api.desk.ways import Again, Retry, way_of
from api.errors import RefusedError
from api.idempotency import Answer
from api.opening import Production, Terms
from shared.messages.manifest import Manifest
from shared.store import aggregate, outbox, tables
from shared.store.engine import autocommit

Find = Callable[[str], Awaitable[Manifest | None]]
SHOWN: Final = 64 * 1024
_L = tables.dead_letters
_SUMMARY: Final = (
    *(_L.c.id, _L.c.queue, _L.c.reason, _L.c.type, _L.c.received_at, _L.c.settled_at),
    *(_L.c.settled_as, func.octet_length(_L.c.body).label("size")),
)


async def page(  # noqa: PLR0913  (what a list is narrowed by)
    engine: AsyncEngine,
    *,
    limit: int,
    cursor: str | None,
    queue: str | None,
    reason: str | None,
    settled: bool | None,
) -> LetterPage:
    """Newest first. ``reason``: any part of it."""
    query = select(*_SUMMARY).order_by(_L.c.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(_L.c.id < int(cursor))
    if queue is not None:
        query = query.where(_L.c.queue == queue)
    if reason is not None:
        query = query.where(_L.c.reason.contains(reason, autoescape=True))
    if settled is not None:
        query = query.where(_L.c.settled_at.is_not(None) if settled else _L.c.settled_at.is_(None))
    async with autocommit(engine) as conn:
        rows = (await conn.execute(query)).mappings().all()
    more = len(rows) > limit
    return LetterPage(
        items=[LetterSummary(**row) for row in rows[:limit]],
        next_cursor=str(rows[limit - 1]["id"]) if more else None,
    )


async def read(engine: AsyncEngine, letter_id: int) -> LetterView:
    async with autocommit(engine) as conn:
        row = await _row(conn, letter_id, *_SUMMARY, _L.c.headers, _L.c.body)
        audit = await lines(conn, _target(letter_id))
    body, way = bytes(row["body"]), way_of(bytes(row["body"]))
    shown: dict[str, Any] = {
        "body": body[:SHOWN].decode("utf-8", "replace"),
        "truncated": len(body) > SHOWN,
        "way": way.name if way else None,
        "project_id": way.project_id if way else None,
        "run_id": way.run_id if way else None,
    }
    return LetterView(**{**row, **shown}, audit=audit)


async def discard(conn: AsyncConnection, operator: User, letter_id: int) -> Answer:
    """Settled without being sent again; it is kept for the 90 days of all dead letters."""

    async def deed() -> Answer:
        await _open(conn, letter_id)
        return await _settled(conn, letter_id, "discarded", status=200)

    return await audited(conn, operator, "discard", _target(letter_id), deed)


class Redrive:
    """One letter sent again. ``look`` asks the artifact store, before the transaction, what a
    retried run would find.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        find: Find,
        *,
        operator: User,
        letter_id: int,
        terms: Terms,
    ) -> None:
        self._engine = engine
        self._find = find
        self._operator = operator
        self._id = letter_id
        self._terms = terms
        self._order: Production | None = None
        self.reopened: Retry | None = None

    async def look(self) -> None:
        """What can't be looked at is refused by the decision, where it is written down."""
        with suppress(RefusedError):
            async with autocommit(self._engine) as conn:
                row = await _row(conn, self._id, _L.c.body)
            way = way_of(bytes(row["body"]))
            if isinstance(way, Retry):
                self._order = self._retry_of(way)
                await self._order.look()

    async def decide(self, conn: AsyncConnection) -> Answer:
        target = _target(self._id)
        return await audited(conn, self._operator, "redrive", target, lambda: self._sent(conn))

    async def _sent(self, conn: AsyncConnection) -> Answer:
        way = way_of(await _open(conn, self._id))
        if way is None:
            raise RefusedError("dead_letter_unreadable")
        if isinstance(way, Again):
            await self._published(conn, way)
            return await _settled(conn, self._id, "redriven")
        await _require_latest(conn, way)
        order = self._order or self._retry_of(way)
        retried = await order.retry(conn)
        self.reopened = way
        return await _settled(conn, self._id, "redriven", run_id=retried.body["runId"])

    async def _published(self, conn: AsyncConnection, way: Again) -> None:
        """Through the outbox: committed with the settling, confirmed by the relay."""
        body = bytes((await _row(conn, self._id, _L.c.body))["body"])
        await outbox.append_raw(
            conn,
            way.exchange,
            way.key,
            body,
            kind=way.type,
            message_id=uuid5(way.run_id, f"redrive of dead letter {self._id}"),
            run_id=way.run_id,
        )

    def _retry_of(self, way: Retry) -> Production:
        """As the project's owner: what is not theirs is not there."""
        return Production(
            self._engine,
            self._find,
            user=User(id=way.user_id),
            project_id=way.project_id,
            terms=self._terms,
        )


async def _require_latest(conn: AsyncConnection, way: Retry) -> None:
    """A command is worth sending again only for the run that its project shows."""
    ids = await aggregate.lock(conn, [way.project_id])
    held = (await aggregate.load(conn, ids)).get(way.project_id)
    if (
        held is None
        or held.deleted
        or held.project.user_id != way.user_id
        or held.project.current_run_id != way.run_id
    ):
        raise RefusedError("dead_letter_outdated")


async def _open(conn: AsyncConnection, letter_id: int) -> bytes:
    """The body of a letter that nobody has settled, locked."""
    row = await _row(conn, letter_id, _L.c.body, _L.c.settled_as, locked=True)
    if row["settled_as"] is not None:
        raise RefusedError("dead_letter_settled", f"it was {row['settled_as']} before")
    return bytes(row["body"])


async def _settled(
    conn: AsyncConnection,
    letter_id: int,
    how: Settled,
    *,
    status: int = 202,
    run_id: str | None = None,
) -> Answer:
    values = {"settled_at": func.now(), "settled_as": how}
    await conn.execute(_L.update().where(_L.c.id == letter_id).values(values))
    view = SettledView(id=letter_id, settled_as=how, run_id=UUID(run_id) if run_id else None)
    return Answer(status=status, body=view.wire())


async def _row(
    conn: AsyncConnection, letter_id: int, *columns: ColumnElement[Any], locked: bool = False
) -> Any:
    query = select(*columns).where(_L.c.id == letter_id)
    query = query.with_for_update() if locked else query
    row = (await conn.execute(query)).mappings().one_or_none()
    if row is None:
        raise RefusedError("dead_letter_not_found")
    return row


def _target(letter_id: int) -> str:
    return f"dead_letter:{letter_id}"
