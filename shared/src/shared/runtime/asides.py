"""A worker's asides: made once, their artifact or their failure left in the store.

As in ``shared.runtime.work`` a job is not its handler's: the client library cancels handlers
whenever its connection blips, and a redelivery joins the running job.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog

from shared.artifacts.store import ArtifactStore
from shared.errors import HandedBackError, StageError
from shared.messages.asides import Aside
from shared.messages.manifest import Manifest
from shared.runtime import fail_points

if TYPE_CHECKING:
    from uuid import UUID

# Another machine's clock said when an aside expires. One that is late by less costs little to make.
_SKEW: Final = timedelta(minutes=15)
_log = structlog.get_logger()


class Maker(Protocol):
    """Makes what asides ask for. ``make`` raises StageError when it can't; cancelling it leaves no
    process behind.
    """

    async def make(self, command: Any) -> Manifest:
        """The artifact's manifest, blobs stored, not yet committed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideSpec:
    """That this process serves asides, ``slots`` of them at once."""

    maker: Maker
    slots: int


class Asides:
    """The jobs of one process."""

    def __init__(self, spec: AsideSpec, artifacts: ArtifactStore) -> None:
        self._maker = spec.maker
        self._artifacts = artifacts
        self._slots = asyncio.Semaphore(spec.slots)
        self._running: dict[UUID, asyncio.Task[None]] = {}
        self._closing = False

    async def handle(self, command: Aside) -> None:
        """Returns when the store has the answer. A bug comes out here: dead queue. Raises
        HandedBackError for what stops with this process.
        """
        message_id = command.meta.message_id
        job = self._running.get(message_id)
        if job is None and self._closing:
            raise HandedBackError
        if job is None:
            job = asyncio.create_task(self._run(command))
            self._running[message_id] = job
            job.add_done_callback(lambda _: self._running.pop(message_id, None))
        await asyncio.shield(self._settled(job))

    async def drain(self, seconds: float) -> None:
        """Begins nothing more; what is not done in time is handed back to the broker."""
        self._closing = True
        jobs = list(self._running.values())
        if jobs:
            _, late = await asyncio.wait(jobs, timeout=seconds)
            for job in late:
                job.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _settled(self, job: asyncio.Task[None]) -> None:
        await asyncio.wait([job])
        if job.cancelled() and self._closing:
            raise HandedBackError
        job.result()

    async def _run(self, command: Aside) -> None:
        async with self._slots:
            if command.expires_at + _SKEW < datetime.now(UTC):
                _log.info("aside.expired", key=command.key)
            elif await self._artifacts.find(command.key) is None:
                await self._answered(command)

    async def _answered(self, command: Aside) -> None:
        limit = asyncio.timeout(command.timeout_s)
        try:
            async with limit:
                await self._made(command)
        except StageError as error:
            await self._failed(command, error.code, error.detail)
        except TimeoutError:
            if not limit.expired():
                raise
            await self._failed(command, "preview_timeout", f"{command.timeout_s:g} s")
        except Exception:
            await self._failed(command, "internal", "")
            raise

    async def _made(self, command: Aside) -> None:
        started = time.monotonic()
        fail_points.reached("aside.started")
        manifest = await self._maker.make(command)
        work_ms = int((time.monotonic() - started) * 1000)
        await self._artifacts.commit(manifest.model_copy(update={"work_ms": work_ms}))
        _log.info("aside.made", key=command.key, ms=work_ms)

    async def _failed(self, command: Aside, code: str, detail: str) -> None:
        _log.warning("aside.failed", key=command.key, code=code, detail=detail)
        await self._artifacts.mark_failed(command.meta.message_id, code, detail)
