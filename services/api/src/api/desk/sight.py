"""Queues and workers as they are just now: the broker's own numbers, and the database's."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aio_pika.exceptions import AMQPError, ChannelNotFoundEntity
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.desk.views import QueuesView, QueueView, WorkersView
from shared.errors import ServiceError
from shared.messaging.topology import (
    FACTS_QUEUE,
    MILESTONES_QUEUE,
    QUEUES,
    STAGES,
    command_queue,
)
from shared.store.engine import autocommit

Depth = Callable[[str], Awaitable[tuple[int, int]]]
WAIT_S: Final = 3.0
_ROLES: Final = {FACTS_QUEUE: "facts", MILESTONES_QUEUE: "milestones"}
_OUTBOX: Final = text("""
    SELECT count(*) AS waiting,
        coalesce(extract(epoch FROM now() - min(created_at)), 0)::float AS oldest,
        (SELECT count(*) FROM dead_letters WHERE settled_at IS NULL) AS dead
    FROM outbox WHERE published_at IS NULL
""")
_WORK: Final = text("""
    SELECT t.stage,
        count(*) FILTER (WHERE t.state = 'running') AS running,
        count(*) FILTER (WHERE t.state = 'running'
            AND t.last_seen_at < now() - interval '15 seconds') AS stalled,
        count(*) FILTER (WHERE t.state IN ('ready', 'dispatched')) AS waiting,
        coalesce(extract(epoch FROM now() - min(r.opened_at)
            FILTER (WHERE t.state IN ('ready', 'dispatched'))), 0)::float AS oldest
    FROM tasks t JOIN runs r ON r.id = t.run_id
    WHERE r.state = 'active' AND t.state IN ('ready', 'dispatched', 'running')
    GROUP BY t.stage
""")


async def queues(engine: AsyncEngine, depth: Depth) -> QueuesView:
    """Every queue of the topology and its dead queue. What nobody can know now is null."""
    names = [name for queue in QUEUES for name in (queue.name, queue.dead)]
    seen = await _seen(depth, names)
    async with autocommit(engine) as conn:
        row = (await conn.execute(_OUTBOX)).mappings().one()
    return QueuesView(
        broker=any(one.exists is not None for one in seen.values()),
        outbox=row["waiting"],
        outbox_age_seconds=round(row["oldest"], 1),
        dead_letters=row["dead"],
        items=[seen[name] for name in names],
    )


async def workers(engine: AsyncEngine, depth: Depth) -> list[WorkersView]:
    """One row a stage, in the order of the work."""
    seen = await _seen(depth, [command_queue(stage) for stage in STAGES])
    async with autocommit(engine) as conn:
        rows = {row["stage"]: row for row in (await conn.execute(_WORK)).mappings()}
    none: dict[str, Any] = {"running": 0, "stalled": 0, "waiting": 0, "oldest": 0.0}
    return [
        WorkersView(
            stage=stage,
            queue=command_queue(stage),
            consumers=seen[command_queue(stage)].consumers,
            running=rows.get(stage, none)["running"],
            stalled=rows.get(stage, none)["stalled"],
            waiting=rows.get(stage, none)["waiting"],
            oldest_waiting_seconds=round(rows.get(stage, none)["oldest"], 1),
        )
        for stage in STAGES
    ]


async def _seen(depth: Depth, names: list[str]) -> dict[str, QueueView]:
    asked = {name: asyncio.create_task(_asked(depth, name)) for name in names}
    return {name: await one for name, one in asked.items()}


async def _asked(depth: Depth, name: str) -> QueueView:
    exists: bool | None = True
    ready: int | None = None
    consumers: int | None = None
    try:
        async with asyncio.timeout(WAIT_S):
            ready, consumers = await depth(name)
    except ChannelNotFoundEntity:
        exists = False
    except (ServiceError, AMQPError, OSError, RuntimeError, TimeoutError):
        exists = None
    role: Any = "dead" if name.endswith(".dead") else _ROLES.get(name, "commands")
    return QueueView(name=name, role=role, exists=exists, ready=ready, consumers=consumers)
