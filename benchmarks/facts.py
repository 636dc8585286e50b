"""Facts for the projector, as running tasks tell them, and when they are in the table."""

import asyncio
import itertools
import json
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
from projector.intake import PREFETCH
from shared.messages.base import FactMeta
from shared.messages.facts import TaskProgressed, batch_of
from shared.messaging.publisher import Publisher
from shared.messaging.topology import FACTS, FACTS_QUEUE

WITHIN_S = 240  # a projector that died, or a fact that was buried, ends the wait
EVERY = 10  # of the facts that come steadily, so many are watched for
_SEEN = "SELECT id, seq FROM tasks WHERE id = ANY($1)"


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

    @property
    def count(self) -> int:
        """How many tasks they are about, each of a project of its own."""
        return len(self._places)

    def of_first(self, count: int) -> "Facts":
        """About no more than so many of the tasks."""
        return self._of(self._places[:count])

    def in_lanes(self, count: int) -> list["Facts"]:
        """The tasks dealt out among so many, so that no two tell of the same."""
        return [self._of(self._places[number::count]) for number in range(count)]

    def _of(self, places: Sequence[Place]) -> "Facts":
        return Facts(self._url, self._publisher, places, self._servers, self._turns)

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
        """The queue is full; from the first fact in the table on until all are."""

        async def contender() -> Figures:
            wave = self.wave(count)
            await self._publish(wave, size)
            conn = await asyncpg.connect(self._url)
            try:
                async with servers.program(name, command, **env) as process:
                    await _applied(conn, wave[0])
                    meter = Meter(cpu_us=[process.pid], servers_us=self._servers)
                    begun = await _seen(conn, wave[: 2 * PREFETCH * size])
                    await _applied(conn, wave[-1])
                    await _all_applied(conn, wave[-PREFETCH * size :])
                    return meter.figures(max(1, count - begun))
            finally:
                await conn.close()

        return contender

    def consumed(self, command: list[Any], env: dict[str, str], count: int) -> Contender:
        """As the process itself says, which looks at no queue."""
        told = FOLDER / "consumed.json"
        begun = told.with_suffix(".begun")

        async def contender() -> Figures:
            for file in (told, begun):
                file.unlink(missing_ok=True)
            await self._publish(self.wave(count), 1)
            own = {**env, "COUNT": str(count), "TOLD": str(told)}
            async with servers.program("consume", command, **own):
                await _there(begun)
                meter = Meter(servers_us=self._servers)
                await _there(told)
                served = meter.figures(count - count // 10)["servers_us"]
            return {**json.loads(told.read_text()), "servers_us": served}

        return contender

    def steadily(
        self, command: list[Any], env: dict[str, str], rate: int, seconds: int
    ) -> Contender:
        """``rate`` a second, one a message, of as many tasks, each of which has told before; every
        tenth fact is watched for.
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
        """Seconds from publishing to being visible. What is sent was made before: the sender shares
        the machine.
        """
        watch = Watch(conn)
        watching = asyncio.create_task(watch.run())
        bodies = [batch_of([fact]) for fact in wave]
        sending: set[asyncio.Task[None]] = set()
        begun = time.perf_counter()
        for number, fact in enumerate(wave):
            ahead = begun + number / rate - time.perf_counter()
            if ahead > 0:
                await asyncio.sleep(ahead)
            if number % EVERY == 0:
                watch.begin(fact)
            task = asyncio.create_task(self._sent(bodies[number]))
            sending.add(task)
            task.add_done_callback(sending.discard)
        await asyncio.gather(*sending)
        watch.last = True
        await watching
        return watch.waits

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


class Watch:
    """Looks for facts until they are visible, every two milliseconds or so, for all of them in one
    query: one that is late hides no other.
    """

    def __init__(self, conn: asyncpg.Connection) -> None:
        self._conn = conn
        self._open: dict[tuple[UUID, int], float] = {}
        self.waits: list[float] = []
        self.last = False

    def begin(self, fact: TaskProgressed) -> None:
        self._open[fact.meta.task_id, fact.meta.seq] = time.perf_counter()

    async def run(self) -> None:
        """Until ``last`` is set and all were seen."""
        async with asyncio.timeout(WITHIN_S):
            while self._open or not self.last:
                tasks = {task_id for task_id, _ in self._open}
                seen = dict(await self._conn.fetch(_SEEN, tasks)) if tasks else {}
                now = time.perf_counter()
                for task_id, seq in [*self._open]:
                    if seen.get(task_id, -1) >= seq:
                        self.waits.append(now - self._open.pop((task_id, seq)))
                await asyncio.sleep(0.002)


def progress_of(place: Place, seq: int) -> TaskProgressed:
    meta = FactMeta(
        message_id=uuid4(), user_id=place.user, language="zh-CN", project_id=place.project,
        run_id=place.run, correlation_id=place.run, task_id=place.task, stage="voice",
        dispatch=1, delivery=0, seq=seq,
    )  # fmt: skip
    return TaskProgressed(meta=meta, percent=41 + seq % 50)


async def _applied(conn: asyncpg.Connection, fact: TaskProgressed) -> None:
    query = "SELECT seq >= $2 FROM tasks WHERE id = $1"
    async with asyncio.timeout(WITHIN_S):
        while not await conn.fetchval(query, fact.meta.task_id, fact.meta.seq):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def _all_applied(conn: asyncpg.Connection, wave: Sequence[TaskProgressed]) -> None:
    """Those of one batch are applied in parts, in whatever order."""
    async with asyncio.timeout(WITHIN_S):
        while await _seen(conn, wave) < len(wave):  # noqa: ASYNC110  (another process's rows)
            await asyncio.sleep(0.005)


async def _seen(conn: asyncpg.Connection, wave: Sequence[TaskProgressed]) -> int:
    """How many of them are in the table already."""
    seen = dict(await conn.fetch(_SEEN, {fact.meta.task_id for fact in wave}))
    return sum(seen[fact.meta.task_id] >= fact.meta.seq for fact in wave)


async def _there(file: Path) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not file.exists():  # noqa: ASYNC110, ASYNC240  (another process's file)
            await asyncio.sleep(0.005)


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
