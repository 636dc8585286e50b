"""Who did what at the desk, when, and what came of it: written in the transaction of the deed."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import User
from api.desk.views import AuditView
from api.idempotency import Answer, refusal
from shared.errors import ServiceError
from shared.store.tables import ops_audit

Deed = Callable[[], Awaitable[Answer]]


async def audited(
    conn: AsyncConnection, operator: User, action: str, target: str, deed: Deed
) -> Answer:
    """The deed's answer. A refusal is an answer too, so that its line is committed."""
    try:
        async with conn.begin_nested():
            answer = await deed()
    except ServiceError as refused:
        answer = refusal(refused)
        outcome: dict[str, Any] = {"outcome": refused.code}
    else:
        outcome = {"outcome": answer.body["settledAs"]}
        if run := answer.body.get("runId"):
            outcome["runId"] = run
    await conn.execute(
        ops_audit.insert().values(actor=operator.id, action=action, target=target, detail=outcome)
    )
    return answer


async def lines(conn: AsyncConnection, target: str) -> list[AuditView]:
    """Oldest first."""
    query = select(ops_audit).where(ops_audit.c.target == target).order_by(ops_audit.c.id)
    return [
        AuditView(
            at=row["at"],
            actor=row["actor"],
            action=row["action"],
            outcome=row["detail"].get("outcome", ""),
        )
        for row in (await conn.execute(query)).mappings()
    ]
