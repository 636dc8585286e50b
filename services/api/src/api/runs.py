"""What a user does to a run that exists: cancel, complete, acknowledge; and the project that it
all happens to, held.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import User
from api.errors import RefusedError
from api.idempotency import Answer
from api.views import StateView
from shared import pipeline
from shared.lifecycle import Change, moved
from shared.messages.facts import Note
from shared.messaging.topology import MILESTONES, milestone_key
from shared.milestones import completion_of
from shared.state import Project, ProjectStatus, Run, RunState
from shared.store import aggregate, outbox, tables
from shared.store.aggregate import Event, Held, Saved
from shared.store.dispatch import commit_outcomes
from shared.store.outbox import Letter
from shared.values import replace


async def held_project(conn: AsyncConnection, user: User, project_id: UUID) -> Held:
    """The caller's project, locked, with its current run; somebody else's is not there at all."""
    ids = await aggregate.lock(conn, [project_id])
    return own((await aggregate.load(conn, ids)).get(project_id), user)


def own(held: Held | None, user: User) -> Held:
    if held is None or held.deleted or held.project.user_id != user.id:
        raise RefusedError("project_not_found")
    return held


async def cancel(conn: AsyncConnection, user: User, project_id: UUID) -> Answer:
    """Closes the active run; whoever commits first, the end or the cancel, wins."""
    held = await held_project(conn, user, project_id)
    run = active_run(held)
    if run is None:
        ended = held.run is not None and held.run.state is RunState.DONE
        raise RefusedError("already_finished" if ended else "no_active_run")
    now = await aggregate.now(conn)
    outcome = pipeline.closed(held.project, run, RunState.CANCELLED, now=now)
    await commit_outcomes(conn, [(held, outcome)], now=now)
    return state_answer(outcome.project)


async def complete(
    conn: AsyncConnection, user: User, project_id: UUID, *, accept_stale: bool
) -> Answer:
    """The user accepts the video: the last step of a project."""
    held = await held_project(conn, user, project_id)
    project, run = held.project, held.run
    if project.status is ProjectStatus.COMPLETED:
        return state_answer(project)
    after = replace(
        project,
        status=moved(project.status, Change.COMPLETE),
        message=Note(code="project_completed"),
    )
    if project.video_stale and not accept_stale:
        raise RefusedError("video_stale")
    change = Saved(before=project, after=after, touched=True)
    await aggregate.save(conn, [change])
    event = Event(project_id=project.id, run_id=project.current_run_id, type="project.completed")
    await aggregate.log(conn, [event])
    if run is not None:
        told = completion_of(after, run)
        await outbox.append(conn, [Letter(MILESTONES, milestone_key(told.type), told)])
    return state_answer(after)


async def acknowledge(
    conn: AsyncConnection, user: User, project_id: UUID, run_id: UUID | None
) -> Answer:
    """Marks a run that ended (default: the last one) as told; ``first`` for one caller only."""
    held = await held_project(conn, user, project_id)
    runs = tables.runs
    ended = select(runs.c.id).where(runs.c.project_id == project_id, runs.c.state != "active")
    last = (await conn.execute(ended.order_by(runs.c.closed_at.desc()).limit(1))).scalar()
    wanted = run_id or last
    if wanted is None:
        raise RefusedError("run_active" if active_run(held) else "run_not_found")
    if (await conn.execute(ended.where(runs.c.id == wanted))).scalar() is None:
        active = held.run is not None and held.run.id == wanted
        raise RefusedError("run_active" if active else "run_not_found")
    first = await conn.execute(
        runs.update()
        .where(runs.c.id == wanted, runs.c.acknowledged_at.is_(None))
        .values(acknowledged_at=await aggregate.now(conn))
    )
    if first.rowcount:
        event = Event(project_id=project_id, run_id=wanted, type="project.notified")
        await aggregate.log(conn, [event])
    if wanted == last:
        after = replace(held.project, notified=True)
        await aggregate.save(conn, [Saved(before=held.project, after=after)])
    return Answer(status=200, body={"first": first.rowcount == 1})


def active_run(held: Held) -> Run | None:
    run = held.run
    return run if run is not None and run.state is RunState.ACTIVE else None


def state_answer(project: Project, *, status: int = 202) -> Answer:
    view = StateView(project_id=project.id, status=project.status, run_id=project.current_run_id)
    return Answer(status=status, body=view.wire())
