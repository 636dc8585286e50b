"""A worker's facts, gathered: the newest progress of each task, every result, many in one
message.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final
from uuid import UUID, uuid4

import structlog

from shared.errors import NotStoredError, PublishUnknownError
from shared.messages.facts import Fact, TaskProgressed, TaskStarted, batch_of

GATHER_S: Final = 0.004
MOST: Final = 200
IN_FLIGHT: Final = 32

Send = Callable[[bytes, str], Awaitable[None]]
Tell = Callable[[], TaskStarted | TaskProgressed]
_log = structlog.get_logger()


class Emitter:
    """``progress`` keeps only the newest of each task; ``state`` returns when the broker has the
    fact.

    Progress that is overtaken or lost is no loss; a result or failure is sent until it is
    confirmed, and a command is acked only after that.
    """

    def __init__(self, send: Send, *, gather_s: float = GATHER_S) -> None:
        self._send = send
        self._gather_s = gather_s
        self._newest: dict[UUID, Tell] = {}
        self._firm: list[tuple[Fact, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._stated = asyncio.Event()  # which ends the gathering of progress
        self._room = asyncio.Semaphore(IN_FLIGHT)
        self._sending: set[asyncio.Task[None]] = set()

    def progress(self, task_id: UUID, tell: Tell) -> None:
        """Soon sent, unless a newer one of the same task comes first, or its end; ``tell`` is asked
        only then.
        """
        self._newest[task_id] = tell
        self._wake.set()

    async def state(self, fact: Fact) -> None:
        """Sends at once (with whatever else waits); returns when confirmed, however long the
        broker is away.
        """
        self._newest.pop(fact.meta.task_id, None)
        confirmed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._firm.append((fact, confirmed))
        self._stated.set()
        self._wake.set()
        await confirmed

    async def run(self) -> None:
        """The loop that sends; cancelled at the service's end, when no job is left."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._gather_s):
                    await self._stated.wait()
            self._stated.clear()
            while self._newest or self._firm:
                await self._room.acquire()
                sending = asyncio.create_task(self._deliver(*self._take()))
                self._sending.add(sending)
                sending.add_done_callback(self._sending.discard)

    def _take(self) -> tuple[list[Fact], list[tuple[Fact, asyncio.Future[None]]]]:
        newest = list(self._newest)[: max(0, MOST - len(self._firm))]
        tells = [self._newest.pop(task_id) for task_id in newest]
        firm, self._firm = self._firm[:MOST], self._firm[MOST:]
        return [fact for tell in tells if (fact := _told(tell))], firm

    async def _deliver(
        self, loose: list[Fact], firm: list[tuple[Fact, asyncio.Future[None]]]
    ) -> None:
        try:
            pause = 0.1
            while not await self._sent(loose + [fact for fact, _ in firm]):
                if not firm:
                    return
                loose = []
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5)
            for _, confirmed in firm:
                if not confirmed.done():
                    confirmed.set_result(None)
        finally:
            self._room.release()

    async def _sent(self, facts: list[Fact]) -> bool:
        try:
            await self._send(batch_of(facts), str(uuid4()))
        except (NotStoredError, PublishUnknownError) as failure:
            _log.warning("facts.unsent", count=len(facts), reason=failure.code)
            return False
        except Exception:  # noqa: BLE001  (a job waits for this: whatever happened, try again)
            _log.exception("facts.unsent", count=len(facts))
            return False
        return True


def _told(tell: Tell) -> Fact | None:
    """What can't be told is no reason to hold up the results of others."""
    try:
        return tell()
    except Exception:  # noqa: BLE001  (its job goes on, and tells again)
        _log.exception("progress.untold")
        return None
