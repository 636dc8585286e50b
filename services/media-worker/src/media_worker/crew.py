"""Child processes that stay from job to job."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

from media_worker.children import gone, started, told


@dataclass(frozen=True, slots=True)
class Hand:
    """A child that may stay. Its stderr is a file, which nobody needs to read for it to go on."""

    process: asyncio.subprocess.Process
    stderr: IO[bytes]

    def complaints(self, most: int = 800) -> str:
        """The end of what it wrote to stderr."""
        size = os.fstat(self.stderr.fileno()).st_size
        end = os.pread(self.stderr.fileno(), most, max(0, size - most))
        return end.decode(errors="replace").strip()


class Crew:
    """Children that stay for the next job, since starting Python and its libraries costs more than
    many a job. Each has one job at a time.

    A job that fails or whose caller is cancelled takes its process with it. One that had nothing
    to do for ``keep_s`` is gone; with 0 each job has a process of its own.
    """

    def __init__(self, module: str, *, keep_s: float) -> None:
        self._module = module
        self._keep_s = keep_s
        self._resting: list[tuple[Hand, asyncio.TimerHandle]] = []
        self._ends: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def one(self, job: Any) -> AsyncGenerator[Hand, None]:
        """The job is a line of JSON on stdin. Left in peace, the child rests for the next one."""
        hand = await self._rested() or await self._new()
        try:
            await told(hand.process, job)
            yield hand
        except BaseException:
            await _dismissed(hand)
            raise
        if self._keep_s and _lives(hand.process):
            loop = asyncio.get_running_loop()
            self._resting.append((hand, loop.call_later(self._keep_s, self._forgotten, hand)))
        else:
            await _dismissed(hand)

    async def end(self) -> None:
        """No child rests any longer; those at work end with their jobs."""
        self._keep_s = 0
        while hand := await self._rested():
            await _dismissed(hand)
        if self._ends:
            await asyncio.wait(self._ends)

    async def _rested(self) -> Hand | None:
        while self._resting:
            hand, timer = self._resting.pop()
            timer.cancel()
            if _lives(hand.process):
                return hand
            await _dismissed(hand)
        return None

    async def _new(self) -> Hand:
        stderr = TemporaryFile()  # noqa: SIM115  (open for as long as the child lives)
        return Hand(await started(self._module, stderr=stderr), stderr)

    def _forgotten(self, hand: Hand) -> None:
        self._resting = [one for one in self._resting if one[0] is not hand]
        end = asyncio.create_task(_dismissed(hand))
        self._ends.add(end)
        end.add_done_callback(self._ends.discard)


def _lives(process: asyncio.subprocess.Process) -> bool:
    """Asked of the system: asyncio hears of an end a moment later."""
    try:
        ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return ended is None


async def _dismissed(hand: Hand) -> None:
    await gone(hand.process)
    await hand.process.communicate()  # closes the pipes
    hand.stderr.close()
