"""Projects deleted and brought back."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import User
from api.errors import RefusedError
from api.idempotency import Answer
from api.runs import active_run, held_project, state_answer
from api.views import DeletedView
from shared import pipeline
from shared.state import RunState
from shared.store import aggregate, tables
from shared.store.aggregate import Event
from shared.store.dispatch import commit_outcomes

KEPT: Final = timedelta(days=7)


async def delete(conn: AsyncConnection, user: User, project_id: UUID) -> Answer:
    """Out of sight at once, its run cancelled; it can come back for ``KEPT``."""
    held = await held_project(conn, user, project_id)
    now = await aggregate.now(conn)
    if run := active_run(held):
        outcome = pipeline.closed(held.project, run, RunState.CANCELLED, now=now)
        await commit_outcomes(conn, [(held, outcome)], now=now)
    await _set_deleted(conn, project_id, now)
    await aggregate.log(conn, [Event(project_id=project_id, type="project.deleted")])
    view = DeletedView(project_id=project_id, deleted_at=now, restorable_until=now + KEPT)
    return Answer(status=200, body=view.wire())


async def restore(conn: AsyncConnection, user: User, project_id: UUID) -> Answer:
    """A deleted project comes back as it was; one that is there stays as it is."""
    ids = await aggregate.lock(conn, [project_id])
    held = (await aggregate.load(conn, ids)).get(project_id)
    if held is None or held.project.user_id != user.id:
        raise RefusedError("project_not_found")
    if held.deleted:
        deleted_at = select(tables.projects.c.deleted_at).where(tables.projects.c.id == project_id)
        if await aggregate.now(conn) > (await conn.execute(deleted_at)).scalar_one() + KEPT:
            raise RefusedError("project_not_found")
        await _set_deleted(conn, project_id, None)
        await aggregate.log(conn, [Event(project_id=project_id, type="project.restored")])
    return state_answer(held.project, status=200)


async def _set_deleted(conn: AsyncConnection, project_id: UUID, at: datetime | None) -> None:
    projects = tables.projects
    await conn.execute(
        projects.update()
        .where(projects.c.id == project_id)
        .values(deleted_at=at, touched_at=func.now(), version=projects.c.version + 1)
    )
