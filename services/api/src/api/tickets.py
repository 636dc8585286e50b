"""Tickets for EventSource, which can send no header: good once, for a minute, to read only."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import Depends, Query, Request
from sqlalchemy import delete, func, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import READ, User, caller
from api.errors import RefusedError
from api.views import TicketView
from shared.store.tables import tickets

LIFETIME: Final = timedelta(minutes=1)


async def issue(conn: AsyncConnection, user: User) -> TicketView:
    """Only the ticket's digest is kept, and until when the caller's own token is good."""
    ticket = secrets.token_urlsafe(32)
    lifetime = func.make_interval(0, 0, 0, 0, 0, 0, LIFETIME.total_seconds())
    await conn.execute(
        insert(tickets).values(
            digest=_digest(ticket),
            user_id=user.id,
            scopes=READ,
            expires_at=func.now() + lifetime,
            token_expires_at=user.expires_at,
        )
    )
    return TicketView(ticket=ticket, expires_at=datetime.now(UTC) + LIFETIME)


async def redeem(conn: AsyncConnection, ticket: str) -> User:
    """The user that the ticket was issued to; raises RefusedError the second time."""
    used = await conn.execute(
        delete(tickets)
        .where(tickets.c.digest == _digest(ticket), tickets.c.expires_at > func.now())
        .returning(tickets.c.user_id, tickets.c.scopes, tickets.c.token_expires_at)
    )
    row = used.one_or_none()
    if row is None:
        raise RefusedError("ticket_invalid")
    return User(
        id=row.user_id,
        scopes=frozenset(row.scopes.split()),
        expires_at=row.token_expires_at,
    )


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


async def watcher(
    request: Request, ticket: Annotated[str | None, Query(max_length=100)] = None
) -> User:
    """Who opens a stream: by a ticket in the address, else as every caller."""
    if ticket is None:
        return await caller(request)
    async with request.app.state.engine.begin() as conn:
        return await redeem(conn, ticket)


Watcher = Annotated[User, Depends(watcher)]
