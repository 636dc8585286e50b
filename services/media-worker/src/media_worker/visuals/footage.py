"""Footage by a provider's job: submitted once, its id kept at once, asked for until it is done."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
import structlog

from media_worker.visuals import dashscope_failures as failures
from media_worker.visuals.anew import Anew
from media_worker.visuals.dashscope import DashScope, Job
from media_worker.visuals.fetching import fetched
from media_worker.visuals.port import Made, Order, Progress
from media_worker.workspace import workspace
from shared.artifacts.away import patiently
from shared.artifacts.calls import CallFailedError, Clock, Reply, SystemClock
from shared.artifacts.receipts import UNKNOWN, Attempt, Call, PaidCalls
from shared.artifacts.store import ArtifactStore
from shared.errors import StageError
from shared.makers import footage_terms
from shared.runtime import fail_points
from shared.runtime.settings import FootageSettings

_FETCH_S: Final = 120.0
_USUAL_S: Final = 120.0
_MOST_UNKNOWN: Final = 3
_log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class _Waiting:
    """One wait for a job: whether we asked to cancel it, and how often it was not known."""

    since: float
    cancelled: bool = False
    unknown: int = 0


class FootageMaker:
    """One job a ticket, whoever dies: a worker that finds its id goes on asking."""

    def __init__(
        self, settings: FootageSettings, artifacts: ArtifactStore, clock: Clock | None = None
    ) -> None:
        self._terms = footage_terms(settings)
        self.engine = self._terms.engine
        self._settings = settings
        self._artifacts = artifacts
        self._clock = clock or SystemClock()
        self._paid = PaidCalls(artifacts, self._clock)
        self._provider = DashScope(self._terms.base_url, settings.footage_api_key)
        self._fetching = httpx2.AsyncClient(timeout=_FETCH_S)
        self._anew = Anew()

    async def close(self) -> None:
        await self._provider.close()
        await self._fetching.aclose()

    async def make(self, order: Order, *, folder: Path, progress: Progress) -> Made:
        async def attach(job: str) -> Reply:
            return await self._ended(job, order, progress)

        async def make(attempt: Attempt) -> Reply:
            job = await self._provider.submit(self._terms.model, order.prompt, self._asked(order))
            fail_points.reached("visual.sent")
            await attempt.job(job)
            fail_points.reached("visual.noted")
            return await attach(job)

        reply = await self._paid.retried(order.ticket, Call(make=make, attach=attach))
        source = await self._artifacts.local_file(reply.blobs["footage"], folder)
        return await self._anew.footage(source, folder, reply.cost)

    def _asked(self, order: Order) -> dict[str, Any]:
        size, seconds = self._terms.sizes.get(order.aspect), self._settings.footage_seconds
        return {
            **({"size": size} if size else {}),
            **({"duration": seconds} if seconds else {}),
            "watermark": False,
        }

    async def _ended(self, job: str, order: Order, progress: Progress) -> Reply:
        """The job's video, fetched. A run that its user cancels meanwhile cancels the job where the
        provider can still do so; else it is seen to its end, and what it cost is kept.
        """
        wait = _Waiting(since=self._clock.now())
        while True:
            found = await self._state(job, wait)
            if found is not None and found.status == "SUCCEEDED":
                return await self._fetched(found)
            if found is not None and found.status == "FAILED":
                raise failures.failed(found.code, found.message)
            if found is not None and found.status == "CANCELED":
                raise failures.cancelled(by_us=wait.cancelled)
            fail_points.reached("visual.polled")
            waited = self._clock.now() - wait.since
            if waited > self._settings.footage_timeout_s:
                raise failures.late(self._settings.footage_timeout_s)
            progress(0.95 * waited / (waited + _USUAL_S))
            await self._cancelled(job, order, wait)
            await self._clock.sleep(self._settings.footage_poll_s)

    async def _state(self, job: str, wait: _Waiting) -> Job | None:
        """None while the provider can't be asked: the job does not mind. A job that it does not
        know, asked thrice, may have been charged: only the user orders another one.
        """
        try:
            found = await self._provider.ask(job)
        except CallFailedError as failure:
            if not failure.retryable:
                raise
            _log.warning("job.unasked", detail=failure.detail)
            return None
        wait.unknown = wait.unknown + 1 if found.status == "UNKNOWN" else 0
        if wait.unknown >= _MOST_UNKNOWN:
            raise StageError(UNKNOWN, "the provider does not know the job", retryable=False)
        return found

    async def _cancelled(self, job: str, order: Order, wait: _Waiting) -> None:
        if not wait.cancelled and await self._artifacts.is_cancelled(order.ticket.run_id):
            wait.cancelled = True
            done = await self._provider.cancel(job)
            _log.info("job.cancelled" if done else "job.goes_on")

    async def _fetched(self, found: Job) -> Reply:
        with workspace() as folder:
            file = folder / "footage.bin"
            await fetched(self._fetching, found.video_url, file, self._clock)
            put = self._artifacts.put_file
            blob = await patiently(lambda: put(file, "application/octet-stream"))
        fail_points.reached("visual.fetched")
        cost = {"videos": 1.0, **({"seconds": found.seconds} if found.seconds else {})}
        return Reply(blobs={"footage": blob}, cost=cost)
