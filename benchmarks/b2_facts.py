"""B2: facts → committed rows a second, one projector process; and how soon a fact is visible."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import event

from benchmarks import peers, servers
from benchmarks.machine import cpu_seconds, described
from benchmarks.rounds import Claim, Contender, Curve, Figures, Line, Result, in_turn
from benchmarks.seeding import fill
from benchmarks.servers import FOLDER
from projector.batch import apply
from shared.messages.base import FactMeta
from shared.messages.facts import FactBatch, TaskProgressed
from shared.messaging.publisher import Publisher
from shared.messaging.topology import FACTS, FACTS_QUEUE
from shared.store.engine import store_engine

COLUMNS = {
    "rate": "facts/s",
    "cpu_us": "its CPU a fact, µs",
    "p50_ms": "visible after, p50, ms",
    "p99_ms": "p99, ms",
}
STEADY = 1_000
BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A running task that facts can be about."""

    project: UUID
    user: str
    run: UUID
    task: UUID


async def measure(rounds: int, say: Callable[[str], None], *, smoke: bool = False) -> Result:
    size, seconds = (400, 1) if smoke else (20_000, 10)
    rows = 2 * min(size, 10_000)
    more_rows = 10 * rows
    among_more = f"projector, among {more_rows:,} projects"
    async with servers.postgres() as postgres, servers.rabbitmq() as rabbitmq:
        url = await servers.database(postgres, "b2")
        await servers.migrate(url)
        await fill(url, projects=rows, users=1_000)
        wide = await servers.database(postgres, "b2_many")
        await servers.migrate(wide)
        await fill(wide, projects=more_rows, users=10_000)
        async with Publisher(rabbitmq.url, name="bench") as publisher:
            facts = Facts(url, publisher, await places(url))
            among = Facts(wide, publisher, (await places(wide))[::10])
            env = environment(url, rabbitmq.url)
            ours = servers.service("projector.main")
            python = peers.python()
            contenders: dict[str, Contender] = {
                "projector, a fact a message": facts.drained("projector", ours, env, size, 1),
                f"projector, {BATCH} facts a message": facts.drained(
                    "projector", ours, env, 2 * size, BATCH
                ),
                among_more: among.drained(
                    "projector", ours, environment(wide, rabbitmq.url), size, 1
                ),
                "FastStream + ORM session each": facts.drained(
                    "orm", [python, peers.HERE / "facts_orm.py"], env, max(200, size // 20), 1
                ),
                "aio-pika, consume only": facts.consumed(
                    servers.service("benchmarks.consume_only"), env, size
                ),
                "PostgreSQL, the same statements": _statements(url, facts, seconds),
                f"projector, {STEADY:,} facts/s": facts.steadily(ours, env, seconds),
            }
            series = await in_turn(contenders, rounds, say)
    one, many = "projector, a fact a message", f"projector, {BATCH} facts a message"
    return Result(
        id="b2",
        title="facts to committed rows",
        columns=COLUMNS,
        series=series,
        claims=[
            Claim(text="a fact a message / ORM session each", metric="rate", of=one,
                  against="FastStream + ORM session each", bar=12, aim=20),
            Claim(text="a fact a message / consume only", metric="rate", of=one,
                  against="aio-pika, consume only", bar=0.75, aim=0.85),
            Claim(text="batched / PostgreSQL alone", metric="rate", of=many,
                  against="PostgreSQL, the same statements", bar=0.5),
            Claim(text=f"visible after, p99 at {STEADY:,} facts/s, ms", metric="p99_ms",
                  of=f"projector, {STEADY:,} facts/s", bar=50, above=False),
        ],
        curves=[
            Curve(
                title="Facts to rows, ten times the projects",
                x="projects in the database",
                y="facts/s, one a message",
                lines=[
                    Line(
                        name="projector",
                        points=[
                            (rows, one, "rate"),
                            (more_rows, among_more, "rate"),
                        ],
                    )
                ],
            )
        ],
        notes=[
            f"{rows:,} projects where no other number is said, half of them in production; of more "
            "projects every tenth in production is told about.",
            "Each fact is newer progress than any before, of one task after the other, so each "
            "changes rows (task and project): the last one is waited for in the table.",
            f"{STEADY:,} facts/s are those of {STEADY:,} running tasks: each tells of its progress "
            "once a second, or at each 5 %.",
            "The peer updates one row by key; the projector locks the project, folds, asks the "
            "pipeline what follows, and raises the project's version.",
            "“The same statements” are those of one batch of the projector, replayed by asyncpg.",
        ],
        about=described("aio-pika", "asyncpg", "sqlalchemy", "faststream"),
    )  # fmt: skip


class Facts:
    """Publishes progress and watches it arrive."""

    def __init__(self, url: str, publisher: Publisher, places: Sequence[Place]) -> None:
        self._url = url
        self._publisher = publisher
        self._places = places
        self._seq = 10

    def wave(self, count: int) -> list[TaskProgressed]:
        """As many facts, each newer than any before, of as many tasks (or round and round)."""
        found: list[TaskProgressed] = []
        for number in range(count):
            place = self._places[number % len(self._places)]
            if number % len(self._places) == 0:
                self._seq += 1
            found.append(progress_of(place, self._seq))
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
                    started, spent = time.perf_counter(), cpu_seconds(process.pid or 0)
                    await _applied(conn, wave[-1])
                    took = time.perf_counter() - started
                    spent = cpu_seconds(process.pid or 0) - spent
            finally:
                await conn.close()
            done = count - count // 10
            return {"rate": done / took, "cpu_us": 1e6 * spent / done}

        return contender

    def consumed(self, command: list[Any], env: dict[str, str], count: int) -> Contender:
        async def contender() -> Figures:
            await self._publish(self.wave(count), 1)
            async with servers.program("consume", command, **env):
                await self._deeper_than(count - count // 10)
                started = time.perf_counter()
                await self._deeper_than(0)
                return {"rate": (count - count // 10) / (time.perf_counter() - started)}

        return contender

    def steadily(self, command: list[Any], env: dict[str, str], seconds: int) -> Contender:
        """So many a second, one a message, of as many tasks, each of which has told before; every
        fiftieth fact is watched for.
        """
        running = Facts(self._url, self._publisher, self._places[:STEADY])

        async def contender() -> Figures:
            running._seq = self._seq
            async with AsyncExitStack() as stack:
                conn = await asyncpg.connect(self._url)
                stack.push_async_callback(conn.close)
                await stack.enter_async_context(servers.program("projector", command, **env))
                begin = running.wave(STEADY)
                await self._publish(begin, 1)
                await _applied(conn, begin[-1])
                waits = await self._paced(conn, running.wave(STEADY * seconds))
            self._seq = running._seq
            waits.sort()
            return {
                "p50_ms": 1000 * waits[len(waits) // 2],
                "p99_ms": 1000 * waits[len(waits) * 99 // 100],
            }

        return contender

    async def _paced(self, conn: asyncpg.Connection, wave: list[TaskProgressed]) -> list[float]:
        """Seconds from publishing to being visible; looked for every two milliseconds or so. What
        is sent was made before: the sender shares the machine.
        """
        waits: list[float] = []
        bodies = [_body([fact]) for fact in wave]
        sending: set[asyncio.Task[None]] = set()
        begun = time.perf_counter()
        watch: asyncio.Task[None] | None = None
        for number, fact in enumerate(wave):
            ahead = begun + number / STEADY - time.perf_counter()
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
        await self._sent(_body(facts))

    async def _sent(self, body: bytes) -> None:
        await self._publisher.publish(
            FACTS, FACTS_QUEUE, body, kind="facts.v1", message_id=str(uuid4())
        )

    async def _deeper_than(self, wanted: int) -> None:
        """Until no more than so many are ready."""
        while (await self._publisher.depth(FACTS_QUEUE))[0] > wanted:  # noqa: ASYNC110  (another process is watched)
            await asyncio.sleep(0.01)


def _body(facts: Sequence[TaskProgressed]) -> bytes:
    batch = FactBatch(facts=tuple(fact.model_dump(mode="json") for fact in facts))
    return batch.model_dump_json().encode()


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


def _statements(url: str, facts: Facts, seconds: float) -> Contender:
    """What one batch of the projector really sends, sent again and again by asyncpg alone."""

    async def contender() -> Figures:
        sent: list[tuple[str, Any]] = []
        engine = store_engine(url, pool=1, application="bench")

        def note(_conn: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
            sent.append((statement, values))

        count = 400
        await apply(engine, facts.wave(count))
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        await apply(engine, facts.wave(count))
        event.remove(engine.sync_engine, "before_cursor_execute", note)
        await engine.dispose()
        conn = await asyncpg.connect(url)
        try:
            ready = [(await conn.prepare(statement), values) for statement, values in sent]
            batches, started = 0, time.perf_counter()
            while time.perf_counter() - started < seconds:
                async with conn.transaction():
                    for statement, values in ready:
                        await statement.fetch(*values)
                batches += 1
            return {"rate": batches * count / (time.perf_counter() - started)}
        finally:
            await conn.close()

    return contender


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
