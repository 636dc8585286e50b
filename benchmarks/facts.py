"""Facts for the projector, as running tasks tell them, and when they are in the table."""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from benchmarks import servers
from benchmarks.machine import cpu_of
from benchmarks.rounds import Contender, Figures
from benchmarks.servers import FOLDER
from shared.messages.base import FactMeta
from shared.messages.facts import TaskProgressed, batch_of
from shared.messaging.publisher import Publisher
from shared.messaging.topology import FACTS, FACTS_QUEUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A running task that facts can be about."""

    project: UUID
    user: str
    run: UUID
    task: UUID


class Meter:
    """Time and CPU from now on; ``processes``: metric → whose, with their children."""

    def __init__(self, **processes: Sequence[int | None]) -> None:
        self._processes = processes
        self._started, self._spent = time.perf_counter(), self._cpu()

    def figures(self, facts: int) -> Figures:
        """Facts a second, and microseconds of CPU a fact."""
        took, spent = time.perf_counter() - self._started, self._cpu()
        used = {name: 1e6 * (spent[name] - then) / facts for name, then in self._spent.items()}
        return {"rate": facts / took, **used}

    def _cpu(self) -> dict[str, float]:
        return {name: cpu_of(pids) for name, pids in self._processes.items()}


class Facts:
    """Publishes progress and watches it arrive. ``servers``: their processes, whose CPU counts;
    ``turns``: the numbers of facts, which only rise.
    """

    def __init__(
        self,
        url: str,
        publisher: Publisher,
        places: Sequence[Place],
        servers: Sequence[int | None] = (),
        turns: Iterator[int] | None = None,
    ) -> None:
        self._url = url
        self._publisher = publisher
        self._places = places
        self._servers = servers
        self._turns = turns or itertools.count(11)

    def of_first(self, count: int) -> "Facts":
        """About no more than so many of the tasks."""
        return Facts(self._url, self._publisher, self._places[:count], self._servers, self._turns)

    def wave(self, count: int) -> list[TaskProgressed]:
        """As many facts, each newer than any before, of as many tasks (or round and round)."""
        found: list[TaskProgressed] = []
        while len(found) < count:
            seq = next(self._turns)
            found += [progress_of(place, seq) for place in self._places[: count - len(found)]]
        return found

    def drained(
        self, name: str, command: list[Any], env: dict[str, str], count: int, size: int
    ) -> Contender:
        """The queue is full; from the tenth part on until the last fact is in the table."""

        async def contender() -> Figures:
            wave = self.wave(count)
            await self._publish(wave, size)
            conn = await asyncpg.connect(self._url)
            try:
                async with servers.program(name, command, **env) as process:
                    await _applied(conn, wave[count // 10])
                    meter = Meter(cpu_us=[process.pid], servers_us=self._servers)
                    await _applied(conn, wave[-1])
                    return meter.figures(count - count // 10)
            finally:
                await conn.close()

        return contender

    def consumed(self, command: list[Any], env: dict[str, str], count: int) -> Contender:
        async def contender() -> Figures:
            await self._publish(self.wave(count), 1)
            async with servers.program("consume", command, **env) as process:
                await self._deeper_than(count - count // 10)
                meter = Meter(cpu_us=[process.pid], servers_us=self._servers)
                await self._deeper_than(0)
                return meter.figures(count - count // 10)

        return contender

    def steadily(
        self, command: list[Any], env: dict[str, str], rate: int, seconds: int
    ) -> Contender:
        """``rate`` a second, one a message, of as many tasks, each of which has told before; every
        fiftieth fact is watched for.
        """
        running = self.of_first(rate)

        async def contender() -> Figures:
            async with AsyncExitStack() as stack:
                conn = await asyncpg.connect(self._url)
                stack.push_async_callback(conn.close)
                await stack.enter_async_context(servers.program("projector", command, **env))
                begin = running.wave(rate)
                await self._publish(begin, 1)
                await _applied(conn, begin[-1])
                waits = await self._paced(conn, running.wave(rate * seconds), rate)
            waits.sort()
            return {
                "p50_ms": 1000 * waits[len(waits) // 2],
                "p99_ms": 1000 * waits[len(waits) * 99 // 100],
            }

        return contender

    async def _paced(
        self, conn: asyncpg.Connection, wave: list[TaskProgressed], rate: int
    ) -> list[float]:
        """Seconds from publishing to being visible; looked for every two milliseconds or so. What
        is sent was made before: the sender shares the machine.
        """
        waits: list[float] = []
        bodies = [batch_of([fact]) for fact in wave]
        sending: set[asyncio.Task[None]] = set()
        begun = time.perf_counter()
        watch: asyncio.Task[None] | None = None
        for number, fact in enumerate(wave):
            ahead = begun + number / rate - time.perf_counter()
            if ahead > 0:
                await asyncio.sleep(ahead)
            if number % 50 == 0 and (watch is None or watch.done()):
                watch = asyncio.create_task(_watched(conn, fact, waits))
            task = asyncio.create_task(self._sent(bodies[number]))
            sending.add(task)
            task.add_done_callback(sending.discard)
        await asyncio.gather(*sending, *([watch] if watch else []))
        return waits

    async def _publish(self, wave: Sequence[TaskProgressed], size: int) -> None:
        """All of it, a hundred confirms in flight."""
        room = asyncio.Semaphore(100)

        async def one(part: Sequence[TaskProgressed]) -> None:
            async with room:
                await self.send(part)

        await asyncio.gather(*(one(wave[at : at + size]) for at in range(0, len(wave), size)))

    async def send(self, facts: Sequence[TaskProgressed]) -> None:
        await self._sent(batch_of(facts))

    async def _sent(self, body: bytes) -> None:
        await self._publisher.publish(
            FACTS, FACTS_QUEUE, body, kind="facts.v1", message_id=str(uuid4())
        )

    async def _deeper_than(self, wanted: int) -> None:
        """Until no more than so many are ready."""
        while (await self._publisher.depth(FACTS_QUEUE))[0] > wanted:  # noqa: ASYNC110  (another process is watched)
            await asyncio.sleep(0.01)


def progress_of(place: Place, seq: int) -> TaskProgressed:
    meta = FactMeta(
        message_id=uuid4(), user_id=place.user, language="zh-CN", project_id=place.project,
        run_id=place.run, correlation_id=place.run, task_id=place.task, stage="voice",
        dispatch=1, delivery=0, seq=seq,
    )  # fmt: skip
    return TaskProgressed(meta=meta, percent=41 + seq % 50)


async def _applied(conn: asyncpg.Connection, fact: TaskProgressed) -> None:
    query = "SELECT seq >= $2 FROM tasks WHERE id = $1"
    while not await conn.fetchval(query, fact.meta.task_id, fact.meta.seq):  # noqa: ASYNC110
        await asyncio.sleep(0.005)


async def _watched(conn: asyncpg.Connection, fact: TaskProgressed, waits: list[float]) -> None:
    started = time.perf_counter()
    query = "SELECT seq >= $2 FROM tasks WHERE id = $1"
    while not await conn.fetchval(query, fact.meta.task_id, fact.meta.seq):  # noqa: ASYNC110
        await asyncio.sleep(0.002)
    waits.append(time.perf_counter() - started)


async def places(url: str) -> list[Place]:
    conn = await asyncpg.connect(url)
    try:
        rows = await conn.fetch(
            "SELECT t.project_id, t.user_id, t.run_id, t.id FROM tasks t JOIN bench_copies c "
            "ON c.project_id = t.project_id WHERE t.stage = 'voice' AND t.position = 3 "
            "ORDER BY c.n"
        )
    finally:
        await conn.close()
    return [Place(project=r[0], user=r[1], run=r[2], task=r[3]) for r in rows]


def environment(url: str, rabbitmq: str) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "RABBITMQ_URL": rabbitmq,
        "ARTIFACTS_URL": f"file://{Path(FOLDER) / 'artifacts'}",
        "LOG_LEVEL": "ERROR",
    }
