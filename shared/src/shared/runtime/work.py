"""A worker's jobs: each runs in a task of its own, which handlers only wait on.

The client library cancels a running handler whenever its connection blips, so a handler must not
own
its job: it waits shielded, and a redelivery of the same task joins the running job.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final, Protocol
from uuid import UUID
from weakref import WeakSet

import structlog

from shared.artifacts.away import patiently
from shared.artifacts.calls import STOPPED, CallFailedError
from shared.artifacts.spending import Spent, counted, heaviest
from shared.artifacts.store import ArtifactStore
from shared.errors import HandedBackError, StageError
from shared.messages.base import FactMeta, derived_id
from shared.messages.commands import Command
from shared.messages.facts import Fact, Note, Result, TaskFailed, TaskProgressed, TaskStarted
from shared.messages.manifest import Manifest
from shared.messaging.emitter import Emitter
from shared.runtime import fail_points

ALIVE_S: Final = 5.0
STEP_PERCENT: Final = 5.0
STEP_S: Final = 1.0
_log = structlog.get_logger()


class Report:
    """How far one job is. Rate-limited: a fact for 5 % or a second, and every 5 s as a sign of
    life.
    """

    def __init__(self, command: Command, emitter: Emitter) -> None:
        self._command = command
        self._emitter = emitter
        self._position = (command.meta.dispatch, 0)
        self._seq = 0
        self._percent = 0.0
        self._note: Note | None = None
        self._told = (0.0, -STEP_S)

    def joined_by(self, dispatch: int, delivery: int) -> None:
        """Facts carry the greatest (dispatch, delivery) that joined the job."""
        self._position = max(self._position, (dispatch, delivery))

    @property
    def dispatch(self) -> int:
        return self._position[0]

    def progress(self, percent: float, note: Note | None = None) -> None:
        """``percent`` of this job, 0–100; less than before counts as before."""
        changed = note is not None and note != self._note
        self._percent = max(self._percent, min(percent, 100.0))
        self._note = note or self._note
        told_percent, told_at = self._told
        moved = self._percent - told_percent
        if changed or moved >= STEP_PERCENT or (moved and time.monotonic() - told_at >= STEP_S):
            self.tell()

    def tell(self) -> None:
        self._told = (self._percent, time.monotonic())
        self._emitter.progress(self._command.meta.task_id, self._progressed)

    def _progressed(self) -> TaskProgressed:
        return TaskProgressed(meta=self.meta("progress"), percent=self._percent, note=self._note)

    async def alive(self) -> None:
        """A sign of life every few seconds, for as long as the job runs."""
        while True:
            await asyncio.sleep(ALIVE_S)
            if time.monotonic() - self._told[1] >= ALIVE_S:
                self.tell()

    def meta(self, what: str) -> FactMeta:
        """The identity of the next fact; its id is derived, a repeat in the same place has the
        same.
        """
        self._seq += 1
        dispatch, delivery = self._position
        base = self._command.meta
        place = f"{what}/{dispatch}/{delivery}/{self._seq}"
        return FactMeta(
            message_id=derived_id(base.task_id, place),
            user_id=base.user_id,
            language=base.language,
            project_id=base.project_id,
            run_id=base.run_id,
            correlation_id=base.correlation_id,
            causation_id=base.message_id,
            traceparent=base.traceparent,
            task_id=base.task_id,
            stage=base.stage,
            dispatch=dispatch,
            delivery=delivery,
            seq=self._seq,
        )


class Stage(Protocol):
    """What a worker can make. ``make`` raises StageError when it can't; cancelling it leaves no
    process behind.
    """

    @property
    def engine(self) -> str | frozenset[str]:
        """The maker, or the makers, with versions: a command pins one of them."""
        ...

    async def make(self, command: Any, report: Report) -> Manifest:
        """Makes the artifact and answers its manifest, blobs stored, not yet committed."""
        ...

    async def result(self, meta: FactMeta, manifest: Manifest) -> Result:
        """The fact that states ``manifest``, which may be an earlier worker's."""
        ...


class Jobs:
    """The jobs of one stage in this process; ``slots`` of them run at once, those without a
    handler counted.
    """

    def __init__(
        self, stage: Stage, emitter: Emitter, artifacts: ArtifactStore, *, slots: int
    ) -> None:
        self._stage = stage
        named = stage.engine
        self._engines = frozenset({named}) if isinstance(named, str) else named
        self._emitter = emitter
        self._artifacts = artifacts
        self._slots = asyncio.Semaphore(slots)
        self._running: dict[UUID, tuple[asyncio.Task[None], Report, Command]] = {}
        self._closing = False
        self._stopped: WeakSet[asyncio.Task[None]] = WeakSet()

    async def handle(self, command: Command, delivery: int) -> None:
        """Returns when the command's last fact is confirmed. A bug in the stage comes out here:
        dead queue. Raises HandedBackError for what stops with this process.
        """
        task_id = command.meta.task_id
        known = self._running.get(task_id)
        if known is None and self._closing:
            raise HandedBackError
        if known is None:
            report = Report(command, self._emitter)
            job = asyncio.create_task(self._run(command, report))
            self._running[task_id] = (job, report, command)
            job.add_done_callback(lambda done: self._forget(task_id, done))
        else:
            job, report, _ = known
            _log.info("command.joined", task=str(task_id), delivery=delivery)
        report.joined_by(command.meta.dispatch, delivery)
        await asyncio.shield(self._settled(job))

    def _forget(self, task_id: UUID, job: asyncio.Task[None]) -> None:
        if task_id in self._running and self._running[task_id][0] is job:
            del self._running[task_id]

    def stop_run(self, run_id: UUID) -> None:
        """The run is closed: its jobs end at once, and their commands are acked."""
        for job, _, command in list(self._running.values()):
            if command.meta.run_id == run_id:
                _log.info("job.stopped", task=str(command.meta.task_id))
                self._stopped.add(job)
                job.cancel(STOPPED)

    async def drain(self, seconds: float) -> None:
        """Begins nothing more and waits for the running jobs; those not done in time are handed
        back to the broker.
        """
        self._closing = True
        jobs = [job for job, _, _ in self._running.values()]
        if jobs:
            _, late = await asyncio.wait(jobs, timeout=seconds)
            for job in late:
                job.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _settled(self, job: asyncio.Task[None]) -> None:
        """The job's end. One stopped by its user is done with."""
        await asyncio.wait([job])
        if job.cancelled() and self._closing and job not in self._stopped:
            raise HandedBackError
        if not (job.cancelled() and job in self._stopped):
            job.result()

    async def _run(self, command: Command, report: Report) -> None:
        async with self._slots:
            run_id = command.meta.run_id
            task_id = command.meta.task_id
            while True:
                if await patiently(lambda: self._artifacts.is_closed(run_id)):
                    _log.info("command.dropped", task=str(task_id))
                    return
                self._emitter.progress(task_id, lambda: TaskStarted(meta=report.meta("started")))
                fact = await self._tried(command, report)
                await self._emitter.state(fact)
                if not isinstance(fact, TaskFailed) or report.dispatch <= fact.meta.dispatch:
                    break  # else the failure does not count, and a later dispatch waits here
            self._running.pop(task_id, None)  # from here on nobody can join
            fail_points.reached("worker.stated", command.meta.stage)

    async def _tried(self, command: Command, report: Report) -> Fact:
        """One attempt. Stopped after a paid call, it tells what that cost."""
        alive = asyncio.create_task(report.alive())
        spent = counted()
        try:
            return await self._made(command, report, spent)
        except asyncio.CancelledError:
            if spent.charge is not None and asyncio.current_task() in self._stopped:
                why = StageError("run_cancelled", "stopped after a paid call", retryable=False)
                await self._emitter.state(self._failed(report, why, spent))
            raise
        finally:
            alive.cancel()

    async def _made(self, command: Command, report: Report, spent: Spent) -> Fact:
        stage = command.meta.stage
        limit = asyncio.timeout(command.timeout_s)
        try:
            async with limit:
                manifest = await patiently(lambda: self._manifest(command, report))
                meta = report.meta("result")
                return await patiently(lambda: self._stage.result(meta, manifest))
        except StageError as error:
            _log.warning("task.failed", stage=stage, code=error.code, detail=error.detail)
            return self._failed(report, error, spent)
        except TimeoutError:
            if not limit.expired():
                raise
            late = f"not done within {command.timeout_s:g} s"
            timeout = StageError(f"{stage}_timeout", late, retryable=False)
            return self._failed(report, timeout, spent)

    @staticmethod
    def _failed(report: Report, error: StageError, spent: Spent) -> TaskFailed:
        charge, cost = spent.charge, spent.cost
        if isinstance(error, CallFailedError):  # perhaps of a call without a receipt
            charge, cost = heaviest(charge, error.charge), cost or error.cost
        return TaskFailed(
            meta=report.meta("failed"),
            code=error.code,
            detail=error.detail[:2000],
            retryable=error.retryable,
            charge=charge.value if charge else None,
            cost=cost or None,
        )

    async def _manifest(self, command: Command, report: Report) -> Manifest:
        found = await self._artifacts.find(command.key)
        if found is not None:
            return found
        if command.engine not in self._engines:
            has = ", ".join(sorted(self._engines))
            wanted = f"this worker has {has}, the run wants {command.engine}"
            raise StageError("engine_unavailable", wanted, retryable=False)
        fail_points.reached("worker.started", command.meta.stage)
        started = time.monotonic()
        manifest = await self._stage.make(command, report)
        work_ms = int((time.monotonic() - started) * 1000)
        standing = await self._artifacts.commit(manifest.model_copy(update={"work_ms": work_ms}))
        _log.info("artifact.made", stage=command.meta.stage, key=command.key, ms=work_ms)
        fail_points.reached("worker.committed", command.meta.stage)
        return standing


def delivery_of(headers: Mapping[str, Any]) -> int:
    """How often the broker has handed this message out before (two header names, by broker
    version).
    """
    counts = (headers.get("x-acquired-count"), headers.get("x-delivery-count"), 0)
    return max(int(count) for count in counts if count is not None)
