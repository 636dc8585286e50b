"""Child processes that stay from job to job."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

from media_worker.children import kill, send, spawn


@dataclass(slots=True)
class PooledProcess:
    """``stderr`` is a file: nobody has to read it for the process to go on."""

    process: asyncio.subprocess.Process
    stderr: IO[bytes]
    jobs: int = 0
    said_before: int = 0

    @property
    def stdout(self) -> asyncio.StreamReader:
        if self.process.stdout is None:
            raise RuntimeError("the process has no pipe")
        return self.process.stdout

    @property
    def lives(self) -> bool:
        """Asked of its pipe, too: asyncio hears of an end a moment later."""
        return self.process.returncode is None and not self.stdout.at_eof()

    def complaints(self, most: int = 800) -> str:
        """The end of what it wrote to stderr during this job."""
        size = os.fstat(self.stderr.fileno()).st_size
        begin = max(self.said_before, size - most)
        return os.pread(self.stderr.fileno(), size - begin, begin).decode(errors="replace").strip()


class ProcessPool:
    """Processes of ``python -m module``, each with one job at a time. They are kept for the next
    job, because starting Python and its libraries often costs more than the job itself.

    A process is killed with its job when that fails or its caller is cancelled, when it has been
    idle for ``keep_s`` (0: after each job), and after ``most_jobs``, so that nothing that leaks
    adds up.
    """

    def __init__(self, module: str, *, keep_s: float, most_jobs: int = 50) -> None:
        self._module = module
        self._keep_s = keep_s
        self._most_jobs = most_jobs
        self._idle: list[tuple[PooledProcess, asyncio.TimerHandle]] = []
        self._ends: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def process(self, job: Any) -> AsyncGenerator[PooledProcess, None]:
        """One that was given the job, a line of JSON on its stdin."""
        pooled = await self._kept() or await self._new()
        pooled.jobs += 1
        pooled.said_before = os.fstat(pooled.stderr.fileno()).st_size
        reusable = False
        try:
            await send(pooled.process, job)
            yield pooled
            reusable = pooled.lives and pooled.jobs < self._most_jobs
        finally:
            if reusable and self._keep_s:
                self._keep(pooled)
            else:
                await _end(pooled)

    async def close(self) -> None:
        """Ends the idle processes; those at work end with their jobs."""
        self._keep_s = 0
        while pooled := await self._kept():
            await _end(pooled)
        if self._ends:
            await asyncio.wait(self._ends)

    async def _kept(self) -> PooledProcess | None:
        while self._idle:
            pooled, timer = self._idle.pop()
            timer.cancel()
            if pooled.lives:
                return pooled
            await _end(pooled)
        return None

    async def _new(self) -> PooledProcess:
        stderr = TemporaryFile()  # noqa: SIM115  (open for as long as the process lives)
        return PooledProcess(await spawn(self._module, stderr=stderr), stderr)

    def _keep(self, pooled: PooledProcess) -> None:
        timer = asyncio.get_running_loop().call_later(self._keep_s, self._expire, pooled)
        self._idle.append((pooled, timer))

    def _expire(self, pooled: PooledProcess) -> None:
        self._idle = [one for one in self._idle if one[0] is not pooled]
        end = asyncio.create_task(_end(pooled))
        self._ends.add(end)
        end.add_done_callback(self._ends.discard)


async def _end(pooled: PooledProcess) -> None:
    await kill(pooled.process)
    await pooled.process.communicate()  # closes the pipes
    pooled.stderr.close()
