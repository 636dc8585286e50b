"""B2: facts → committed rows a second, one projector process; and how soon a fact is visible."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import event

from benchmarks import peers, servers
from benchmarks.facts import Facts, Meter, environment, places
from benchmarks.machine import described
from benchmarks.rounds import Claim, Contender, Curve, Figures, Line, Result, in_turn
from benchmarks.seeding import fill
from projector.batch import apply
from projector.intake import LANES, PART, PREFETCH
from projector.memory import Memory
from shared.messaging.publisher import Publisher
from shared.store.engine import driver_of, store_engine

COLUMNS = {
    "rate": "facts/s",
    "cpu_us": "its CPU a fact, µs",
    "servers_us": "the servers' CPU a fact, µs",
    "p50_ms": "visible after, p50, ms",
    "p99_ms": "p99, ms",
}
STEADY = 1_000
BATCH = 10
Sent = list[tuple[str, Sequence[Any]]]


class Recorded(NamedTuple):
    """``tellings``: how often all batches together tell of each project; ``facts``: of a batch."""

    batches: list[Sent]
    tellings: int
    facts: int


async def measure(rounds: int, say: Callable[[str], None], *, smoke: bool = False) -> Result:
    size, seconds = (400, 1) if smoke else (20_000, 10)
    rows = 2 * min(size, 10_000)
    more_rows = 10 * rows
    among_more = f"projector, among {more_rows:,} projects"
    postgres_alone = f"PostgreSQL, the same statements, {LANES} connections"
    one_connection = "PostgreSQL, the same statements, one connection"
    again = f"projector, {STEADY:,} projects again and again"
    async with servers.postgres() as postgres, servers.rabbitmq() as rabbitmq:
        url = await servers.database(postgres, "b2")
        await servers.migrate(url)
        await fill(url, projects=rows, users=1_000)
        wide = await servers.database(postgres, "b2_many")
        await servers.migrate(wide)
        await fill(wide, projects=more_rows, users=10_000)
        async with Publisher(rabbitmq.url, name="bench") as publisher:
            both = (postgres.pid, rabbitmq.pid)
            facts = Facts(url, publisher, await places(url), both)
            among = Facts(wide, publisher, (await places(wide))[::10], both)
            env = environment(url, rabbitmq.url)
            ours = servers.service("projector")
            python = peers.python()
            contenders: dict[str, Contender] = {
                "projector, a fact a message": facts.drained("projector", ours, env, size, 1),
                f"projector, {BATCH} facts a message": facts.drained(
                    "projector", ours, env, 2 * size, BATCH
                ),
                among_more: among.drained(
                    "projector", ours, environment(wide, rabbitmq.url), size, 1
                ),
                again: facts.of_first(STEADY).drained("projector", ours, env, size, 1),
                "FastStream + ORM session each": facts.drained(
                    "orm", [python, peers.HERE / "facts_orm.py"], env, max(200, size // 20), 1
                ),
                "aio-pika, consume only": facts.consumed(
                    servers.service("benchmarks.consume_only"), env, size
                ),
                **{
                    name: _statements(
                        url,
                        facts,
                        2 * size,
                        seconds=seconds,
                        server=postgres.pid or 0,
                        connections=connections,
                    )
                    for name, connections in ((postgres_alone, LANES), (one_connection, 1))
                },
                f"projector, {STEADY:,} facts/s": facts.steadily(ours, env, STEADY, seconds),
            }
            series = await in_turn(contenders, rounds, say)
        about = described("aio-pika", "asyncpg", "sqlalchemy", "faststream")
        about |= await servers.versions(postgres.url, rabbitmq.url)
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
            Claim(text=f"{STEADY:,} projects again and again / consume only", metric="rate",
                  of=again, against="aio-pika, consume only"),
            Claim(text=f"batched / PostgreSQL alone, {LANES} connections", metric="rate", of=many,
                  against=postgres_alone, bar=0.5),
            Claim(text="batched / PostgreSQL alone, one connection", metric="rate", of=many,
                  against=one_connection),
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
            "Of a full queue the projector has to read each project once, for the first fact that "
            "tells of it; at later ones it remembers it (most in brief: without texts). That is "
            "every other fact, one in four where they come by tens, and one in twenty of "
            f"{STEADY:,} projects again and again.",
            f"{STEADY:,} facts/s are those of {STEADY:,} running tasks: each tells of its progress "
            "once a second, or at each 5 %.",
            "The peer updates one row by key; the projector locks the project, folds, asks the "
            "pipeline what follows, and raises the project's version.",
            "Who consumes only does so as aio-pika's users do; the projector takes its deliveries "
            "a layer below, which saves a task and an object of each.",
            "Who consumes only times itself. Watched by a look at the queue every 10 ms, it was "
            "some fifth faster, since more came to it at once.",
            "Once an hour a projector reads whole tables, for the collector; not in these seconds.",
            "“The same statements” are those of the projector for facts that come by tens, sent "
            "again and again by asyncpg with nothing in between. Its decoding of what is read is "
            f"in that. Thousands of facts in a transaction, where the projector has {PART} of them "
            f"in each, {LANES} at once.",
            "Every tenth fact of those that come steadily is watched for.",
            "Both servers share the machine's two cores with the projector; their CPU is what they "
            "used meanwhile, of all that they did.",
        ],
        about=about,
    )  # fmt: skip


def _statements(  # noqa: PLR0913  (what is measured, on what)
    url: str, facts: Facts, count: int, *, seconds: float, server: int, connections: int
) -> Contender:
    """What the projector sends for so many facts that come by tens, recorded once, then sent again
    and again by asyncpg alone, each connection about projects of its own.
    """

    async def contender() -> Figures:
        lanes = facts.in_lanes(connections)
        recorded = [await _recorded(url, lane, count // connections) for lane in lanes]
        async with AsyncExitStack() as stack:
            sent = [await stack.enter_async_context(_again(url, each)) for each in recorded]
            meter, until = Meter(servers_us=[server]), time.perf_counter() + seconds
            return meter.figures(sum(await asyncio.gather(*(each.until(until) for each in sent))))

    return contender


class Again:
    """Recorded statements over a connection of their own, sent again and again."""

    def __init__(
        self,
        conn: asyncpg.Connection,
        recorded: Recorded,
        ready: dict[str, Any],
    ) -> None:
        self._conn, self._ready = conn, ready
        self._batches, self._tellings, self._facts = recorded

    async def until(self, end: float) -> int:
        """How many facts were written; ends between two batches."""
        for turn in itertools.count(1):
            for number, batch in enumerate(self._batches):
                if time.perf_counter() >= end:
                    return ((turn - 1) * len(self._batches) + number) * self._facts
                await self._send(batch, turn * self._tellings)
        raise AssertionError

    async def _send(self, batch: Sent, versions: int) -> None:
        async with AsyncExitStack() as stack:
            if len(batch) > 1:
                await stack.enter_async_context(self._conn.transaction())
            for statement, values in batch:
                said = await self._ready[statement].fetch(*_later(values, versions))
        if len(batch) == 1 and not said[0]["holds"]:
            raise RuntimeError("nothing was written: the projects are others by now")


@asynccontextmanager
async def _again(url: str, recorded: Recorded) -> AsyncIterator[Again]:
    conn = await asyncpg.connect(url, server_settings={"plan_cache_mode": "force_generic_plan"})
    try:
        wanted = {statement for batch in recorded.batches for statement, _ in batch}
        ready = {statement: await conn.prepare(statement) for statement in wanted}
        yield Again(conn, recorded, ready)
    finally:
        await conn.close()


async def _recorded(url: str, facts: Facts, count: int) -> Recorded:
    """What goes to PostgreSQL for each batch, as they are of a full queue: the first facts of a
    project are read for, later ones are written by a single statement.
    """
    sent: Sent = []
    engine = store_engine(url, pool=1, application="bench", generic_plans=True)

    def note(_conn: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        sent.append((statement, values))

    def read(query: Any) -> None:
        if query.query.startswith("SELECT"):
            sent.append((query.query, query.args))

    async with engine.connect() as conn:
        (await driver_of(conn)).add_query_logger(read)
    event.listen(engine.sync_engine, "before_cursor_execute", note)
    wave, memory, batches = facts.wave(count), Memory(), list[Sent]()
    most = min(PREFETCH * BATCH, facts.count)
    size = next(size for size in range(most, 0, -1) if facts.count % size == 0)  # no mixed batch
    for at in range(0, count, size):
        sent.clear()
        await apply(engine, wave[at : at + size], memory=memory)
        await asyncio.sleep(0)  # reads are heard of late
        batches.append(sorted(sent, key=lambda one: not one[0].startswith("SELECT")))
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    await engine.dispose()
    if {len(batch) for batch in batches} != {1, 5}:
        raise RuntimeError("a batch locks, reads three tables, writes; or writes at once")
    groups = facts.count // size  # of projects: a batch is about one of them, in turn
    in_turn = [batch for group in range(groups) for batch in batches[group::groups]]
    return Recorded(in_turn, count // facts.count, size)


def _later(values: Sequence[Any], versions: int) -> list[Any]:
    """The same of projects that were told of so many times since, at this very moment."""
    return [
        [version + versions for version in value]
        if isinstance(value, list) and value and isinstance(value[0], int)
        else (datetime.now(UTC) if isinstance(value, datetime) else value)
        for value in values
    ]
