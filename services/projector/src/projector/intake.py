"""Facts in: hundreds of messages at a time, few transactions, one ack."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final

import aio_pika
import structlog
from aio_pika.exceptions import AMQPError
from aiormq.abc import DeliveredMessage
from sqlalchemy.ext.asyncio import AsyncEngine

from projector.batch import Written, apply, joined
from projector.deliveries import Cancel, Deliveries, ack, deliveries_of
from projector.fold import given_up
from projector.memory import Memory
from projector.reading import Bad, parsed, parts_of
from shared.messages.facts import Fact, batch_of
from shared.messaging.publisher import HEARTBEAT_S
from shared.messaging.topology import FACTS_QUEUE, declare_all
from shared.runtime import fail_points
from shared.store.engine import holds_up

Applied = Callable[[Written], None]
PREFETCH: Final = 400
LINGER_S: Final = 0.002
PART: Final = 400  # facts of a transaction, or as many more as a project has
LANES: Final = 2  # as many at work: one is decided on while the database writes another
_log = structlog.get_logger()


class Intake:
    """One connection's life: consume until it is lost, then return; the supervisor starts it again.

    A plain connection on purpose: what came over a lost one is dropped whole and comes again, so no
    ack can hit a delivery of another connection. ``stop`` ends it between two batches: nothing more
    is taken, what was taken is applied and acked.
    """

    def __init__(
        self,
        url: str,
        engine: AsyncEngine,
        *,
        applied: Applied,
        stop: asyncio.Event | None = None,
        part: int = PART,
    ) -> None:
        self._url = url
        self._engine = engine
        self._applied = applied
        self._stop = stop or asyncio.Event()
        self._part = part
        self._memory = Memory()
        self._oldest: float | None = None
        self._since: float | None = None

    @property
    def behind_s(self) -> float:
        """For how long the oldest fact that arrived here has waited to be applied."""
        return 0.0 if self._oldest is None else time.monotonic() - self._oldest

    @property
    def consuming_s(self) -> float:
        """For how long facts have been consumed without a break; 0 while the broker is away."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    async def run(self) -> None:
        connection = await aio_pika.connect(
            self._url,
            heartbeat=HEARTBEAT_S,
            client_properties={"connection_name": "projector facts"},
        )
        async with connection:
            channel = await connection.channel(publisher_confirms=False)
            await declare_all(channel)
            await channel.set_qos(prefetch_count=PREFETCH)
            deliveries, cancel = await deliveries_of(channel, [FACTS_QUEUE])
            _log.info("facts.consuming")
            self._since = time.monotonic()
            ending = asyncio.create_task(self._ends(deliveries, cancel))
            try:
                while batch := await self._gathered(deliveries):
                    gathered_at = time.monotonic()
                    fail_points.reached("projector.received")
                    await self._apply(batch)
                    fail_points.reached("projector.committed")
                    await ack(batch[-1], multiple=True)
                    # what waits now has come since: without a gap, or the watchdog would judge
                    self._oldest = None if deliveries.empty() else gathered_at
            finally:
                ending.cancel()
                self._since = self._oldest = None

    async def _ends(self, deliveries: Deliveries, cancel: Cancel) -> None:
        await self._stop.wait()
        self._since = None
        with suppress(AMQPError, OSError, RuntimeError):
            await cancel()
        deliveries.put_nowait(None)

    async def _gathered(self, deliveries: Deliveries) -> list[DeliveredMessage]:
        """All that is there now, at least one, and of several also what comes within ``LINGER_S``:
        a batch costs more than most of its facts. Empty when the connection is lost, or when we
        stop and all was handled.
        """
        gathered: list[DeliveredMessage] = []
        message = await deliveries.get()
        if self._oldest is None and message is not None:
            self._oldest = time.monotonic()
        until = asyncio.get_running_loop().time() + LINGER_S
        while message is not None:
            gathered.append(message)
            if len(gathered) >= PREFETCH:
                return gathered
            if not deliveries.empty():
                message = deliveries.get_nowait()
                continue
            if len(gathered) == 1:
                return gathered
            try:
                async with asyncio.timeout_at(until):
                    message = await deliveries.get()
            except TimeoutError:
                return gathered
        if gathered and self._stop.is_set():
            deliveries.put_nowait(None)
            return gathered
        return []

    async def _apply(self, messages: Sequence[DeliveredMessage]) -> None:
        facts: list[Fact] = []
        bad: list[Bad] = []
        for message in messages:
            found, unreadable = parsed(message.body, FACTS_QUEUE)
            facts += found
            bad += unreadable
        parts = iter(parts_of(facts, self._part))
        lanes = [self._lane(parts) for _ in range(LANES)]
        for end in await asyncio.gather(*lanes, return_exceptions=True):  # when all are at theirs
            if end is not None:
                raise end
        if bad:
            await self._held(lambda: apply(self._engine, [], bad))

    async def _lane(self, parts: Iterator[Sequence[Fact]]) -> None:
        """Applies the next part until there is none, and tells of each."""
        for part in parts:
            try:
                written = await self._held(lambda part=part: self._remembering(part))
            except Exception:  # noqa: BLE001  (whatever one fact does, the others are applied)
                _log.exception("batch.failed", facts=len(part))
                written = await self._singly(part)
            self._applied(written)

    async def _remembering(self, facts: Sequence[Fact]) -> Written:
        return await apply(self._engine, facts, (), self._memory)

    async def _singly(self, facts: Sequence[Fact]) -> Written:
        """One fact can't stop the others: each on its own, the failing ones buried, and their tasks
        failed, so that nobody waits for them.
        """
        written: list[Written] = []
        for fact in facts:
            try:
                written.append(await self._held(lambda fact=fact: apply(self._engine, [fact])))
            except Exception as error:  # noqa: BLE001  (buried, with its reason)
                _log.exception("fact.failed", type=fact.type)
                written.append(await self._gave_up(fact, error))
        return joined(written)

    async def _gave_up(self, fact: Fact, error: Exception) -> Written:
        """In one transaction: once its task has failed, the same fact would count as late."""
        body, reason = batch_of([fact]), repr(error)
        buried = Bad(body=body, reason=reason, queue=FACTS_QUEUE, type=fact.type)
        if (last := given_up(fact, reason)) is not None:
            try:
                return await self._held(lambda: apply(self._engine, [last], [buried]))
            except Exception:  # noqa: BLE001  (the fact itself is buried all the same)
                _log.exception("task.stuck", task=str(fact.meta.task_id))
        return await self._held(lambda: apply(self._engine, [], [buried]))

    async def _held(self, work: Callable[[], Awaitable[Written]]) -> Written:
        """A database that is away means hold, never reject."""
        pause = 0.2
        while True:
            try:
                return await work()
            except Exception as error:
                if not holds_up(error):
                    raise
                _log.warning("batch.held", reason=repr(error))
                self._memory = Memory()  # what comes back may be a database of some moments ago
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5)
