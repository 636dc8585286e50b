"""What time brings about: delayed retries sent, silent work taken up again, limits kept."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from aio_pika.exceptions import AMQPError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from projector.batch import changed
from shared.commanding import TIMEOUT_S, command_id
from shared.errors import ServiceError
from shared.messages.base import Stage
from shared.messages.updates import ProjectChange
from shared.messaging.topology import FACTS_QUEUE, command_queue
from shared.pipeline import Outcome, advanced
from shared.state import Failure, Run, Task, TaskState
from shared.store import aggregate
from shared.store.dispatch import commit_outcomes
from shared.store.engine import autocommit, try_lock
from shared.values import replace

LOCK: Final = 7305_2290_1166
MOST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``silent``: no sign of life from running work. ``unheard``: sent and never started, while its
    stage is idle; ``lost``: the same while its stage has work, in two passes.
    """

    silent: timedelta = timedelta(seconds=60)
    unheard: timedelta = timedelta(seconds=60)
    lost: timedelta = timedelta(minutes=10)
    overtime: timedelta = timedelta(seconds=30)


_DUE: Final = text("""
    SELECT DISTINCT project_id FROM tasks WHERE state = 'ready' AND not_before <= now()
    LIMIT :most
""")
_SILENT: Final = text("""
    SELECT project_id FROM (
        SELECT project_id, last_seen_at AS heard FROM tasks
        JOIN unnest(CAST(:stages AS text[]), CAST(:longest AS float[])) AS own (stage, longest)
            USING (stage)
        WHERE state = 'running' AND (last_seen_at < now() - make_interval(secs => :silent)
            OR started_at < now() - make_interval(secs => own.longest))
        UNION ALL
        SELECT project_id, first_started_at FROM runs
        WHERE state = 'active' AND first_started_at < now() - interval '2 hours'
    ) AS silent GROUP BY project_id ORDER BY min(heard) LIMIT :most
""")
_SENT: Final = text("""
    SELECT t.id, t.project_id, t.dispatch, EXISTS (
        SELECT 1 FROM tasks r WHERE r.stage = :stage AND r.state = 'running'
            AND r.last_seen_at > now() - make_interval(secs => :unheard)
    ) AS busy
    FROM tasks t WHERE t.state = 'dispatched' AND t.stage = :stage LIMIT :most
""")
_LONG_AGO: Final = text("""
    SELECT message_id FROM outbox WHERE message_id = ANY(:ids)
        AND published_at < now() - make_interval(secs => :long)
""")
_log = structlog.get_logger()
Depth = Callable[[str], Awaitable[tuple[int, int]]]


class Watchdog:
    """One pass at a time in the whole system (advisory lock); the database's clock decides.

    ``current`` says whether all facts of late have been applied. While it is not so, or while facts
    wait in the broker, retries go on, but nobody is judged for silence.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        depth: Depth,
        limits: Limits | None = None,
        *,
        current: Callable[[], bool] = lambda: True,
    ) -> None:
        self._engine = engine
        self._depth = depth
        self._limits = limits or Limits()
        self._current = current
        self._suspected: dict[Stage, frozenset[UUID]] = {}

    async def sweep(self) -> list[ProjectChange]:
        """Sends retries that are due and ends what was silent or too long; answers the projects
        that it changed.
        """
        silent = await self._silent()
        async with self._engine.begin() as conn:
            if not await try_lock(conn, LOCK):
                return []
            due = list((await conn.execute(_DUE, {"most": MOST})).scalars())
            return await self._decide(conn, [*due, *silent], judging=frozenset(silent))

    async def _silent(self) -> list[UUID]:
        """Projects with work to be judged, the longest silent first; none while facts may be on
        their way.
        """
        if not self._current():
            return []
        overtime = self._limits.overtime.total_seconds()
        async with autocommit(self._engine) as conn:
            found = await conn.execute(
                _SILENT,
                {
                    "silent": self._limits.silent.total_seconds(),
                    "stages": list(TIMEOUT_S),
                    "longest": [limit + overtime for limit in TIMEOUT_S.values()],
                    "most": MOST,
                },
            )
            silent = list(found.scalars())
        return silent if silent and await self._waiting(FACTS_QUEUE) == 0 else []

    async def _waiting(self, queue: str) -> int | None:
        """Messages ready in a queue; None while the broker can't be asked."""
        try:
            return (await self._depth(queue))[0]
        except (ServiceError, AMQPError, OSError, TimeoutError) as away:
            _log.warning("queue.unknown", queue=queue, reason=repr(away))
            return None

    async def resend(self) -> list[ProjectChange]:
        """Sends again what was published, is in no queue, and that no worker ever started; not
        counted as an attempt.
        """
        lost: dict[UUID, UUID] = {}
        for stage in TIMEOUT_S if self._current() else ():
            unheard, busy = await self._unheard(stage)
            before = self._suspected.pop(stage, frozenset())
            if not unheard or await self._waiting(command_queue(stage)) != 0:
                continue
            if busy:  # it may have been taken just now
                self._suspected[stage] = frozenset(unheard)
                unheard = {task: unheard[task] for task in before & unheard.keys()}
            lost.update(unheard)
        if not lost:
            return []
        async with self._engine.begin() as conn:
            if not await try_lock(conn, LOCK):
                return []
            return await self._decide(conn, list(lost.values()), lost=frozenset(lost))

    async def _unheard(self, stage: Stage) -> tuple[dict[UUID, UUID], bool]:
        """Tasks whose command was published long ago, task → project; and whether others of the
        stage are at work.
        """
        unheard = self._limits.unheard.total_seconds()
        async with autocommit(self._engine) as conn:
            found = await conn.execute(_SENT, {"stage": stage, "most": MOST, "unheard": unheard})
            sent = found.mappings().all()
            if not sent:
                return {}, False
            commands = {
                command_id(row["id"], row["dispatch"]): (row["id"], row["project_id"])
                for row in sent
            }
            busy = bool(sent[0]["busy"])
            long = self._limits.lost.total_seconds() if busy else unheard
            old = await conn.execute(_LONG_AGO, {"ids": list(commands), "long": long})
            return dict(commands[message_id] for message_id in old.scalars()), busy

    async def _decide(
        self,
        conn: AsyncConnection,
        ids: list[UUID],
        *,
        judging: frozenset[UUID] = frozenset(),
        lost: frozenset[UUID] = frozenset(),
    ) -> list[ProjectChange]:
        ids = await aggregate.lock(conn, ids, skip_locked=True)
        now = await aggregate.now(conn)
        held = await aggregate.load(conn, ids)
        decided: list[tuple[aggregate.Held, Outcome]] = []
        for project in held.values():
            if project.run is not None and not project.deleted:
                run = project.run
                if project.project.id in judging:
                    run = judged(run, now, self._limits)
                run = sent_again(run, lost)
                decided.append((project, advanced(project.project, run, now)))
        await commit_outcomes(conn, decided, now=now)
        return [changed(project) for project, _ in decided]


def sent_again(run: Run, lost: frozenset[UUID]) -> Run:
    """The run with its lost commands ready to go out again, uncounted. Pure."""
    again = {
        task.id: replace(task, state=TaskState.READY, not_before=None)
        for task in run.tasks
        if task.state is TaskState.DISPATCHED and task.id in lost
    }
    for task in again.values():
        _log.warning("command.lost", task=str(task.id), stage=task.stage)
    return replace(run, tasks=tuple(again.get(task.id, task) for task in run.tasks))


def judged(run: Run, now: datetime, limits: Limits) -> Run:
    """The run with its silent and overlong tasks failed. Pure."""
    return replace(run, tasks=tuple(_judged(task, now, limits) for task in run.tasks))


def _judged(task: Task, now: datetime, limits: Limits) -> Task:
    if task.state is not TaskState.RUNNING:
        return task
    longest = timedelta(seconds=TIMEOUT_S[task.stage]) + limits.overtime
    if task.started_at is not None and now - task.started_at > longest:
        error = Failure(code=f"{task.stage}_timeout", detail="no end in time", retryable=False)
    elif task.last_seen_at is not None and now - task.last_seen_at > limits.silent:
        error = Failure(code="worker_lost", detail="no sign of life", retryable=True)
    else:
        return task
    _log.warning("task.given_up", task=str(task.id), stage=task.stage, code=error.code)
    return replace(task, state=TaskState.FAILED, error=error)
