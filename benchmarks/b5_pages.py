"""B5: thousands of open pages on one API process while a thousand projects change each second."""

import asyncio
import json
import resource
import time
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import Final

import httpx

from benchmarks import servers
from benchmarks.b3_status import api_environment, token
from benchmarks.facts import Facts, Place, environment, places, progress_of
from benchmarks.machine import cpu_seconds, described, memory_mb
from benchmarks.rounds import Claim, Contender, Figures, Result, in_turn
from benchmarks.seeding import fill
from local_stack.servers.postgres import Postgres
from local_stack.servers.rabbitmq import RabbitMQ
from shared.messaging.publisher import Publisher

COLUMNS = {
    "p50_ms": "current after, p50, ms",
    "p99_ms": "p99, ms",
    "worst_ms": "the last, ms",
    "api_cores": "cores that the API used",
    "page_kb": "its memory a page, kB",
}
BATCH: Final = 10
SETTLED_S: Final = 30
_HERE = "127.0.0.1"


async def measure(rounds: int, say: Callable[[str], None], *, smoke: bool = False) -> Result:
    pages, rate, seconds = (100, 100, 2) if smoke else (5_000, 1_000, 20)
    name = f"{pages:,} pages, {rate:,} changes/s"
    async with servers.postgres() as postgres, servers.rabbitmq() as rabbitmq:
        bench = Bench(postgres, rabbitmq, pages)
        with _files(pages + 1_000):
            series = await in_turn({name: bench.changing(rate, seconds)}, rounds, say)
    return Result(
        id="b5",
        title="open pages",
        columns=COLUMNS,
        series=series,
        claims=[
            Claim(text="a page shows a change after, p99, ms", metric="p99_ms", of=name,
                  bar=1_000, above=False),
        ],
        notes=[
            "One API process, one projector; each page follows another project by server-sent "
            f"events. A change is the progress of a task, published {BATCH} to a message; it is "
            "timed from publishing until its page has the event that tells of it.",
            "The reader of all pages runs on the same machine, and so do both servers.",
            "Memory: what the API's grew by while the pages were opened and each was told of one "
            "change, a page.",
        ],
        about=described("fastapi", "uvicorn", "sqlalchemy", "asyncpg"),
    )  # fmt: skip


class Bench:
    """Each round has projects of its own, whose progress has room to rise."""

    def __init__(self, postgres: Postgres, rabbitmq: RabbitMQ, pages: int) -> None:
        self._postgres = postgres
        self._rabbitmq = rabbitmq
        self._pages = pages

    def changing(self, rate: int, seconds: int) -> Contender:
        async def contender() -> Figures:
            url = await servers.database(self._postgres, "b5")
            await servers.migrate(url)
            await fill(url, projects=2 * self._pages, users=self._pages // 5)
            async with AsyncExitStack() as ends:
                publisher = Publisher(self._rabbitmq.url, name="bench")
                await ends.enter_async_context(publisher)
                env = environment(url, self._rabbitmq.url)
                projector = servers.program("projector", servers.service("projector"), **env)
                await ends.enter_async_context(projector)
                port = servers.free_port()
                mine = {**api_environment(url), **env, "API_PORT": str(port)}
                command = servers.service("api")
                api = await ends.enter_async_context(
                    servers.program("api", command, port=port, **mine)
                )
                await _ready(port)
                pid = api.pid or 0
                before = memory_mb(pid)
                watched = await places(url)
                pages = await ends.enter_async_context(_opened(watched, port))
                load = Load(Facts(url, publisher, watched), pages)
                await load.changes(rate, len(pages))  # the first look at each is dearer
                grown = memory_mb(pid) - before
                spent, began = cpu_seconds(pid), time.perf_counter()
                waits = sorted(await load.changes(rate, rate * seconds))
                cores = (cpu_seconds(pid) - spent) / (time.perf_counter() - began)
            return {
                "p50_ms": 1_000 * waits[len(waits) // 2],
                "p99_ms": 1_000 * waits[len(waits) * 99 // 100],
                "worst_ms": 1_000 * waits[-1],
                "api_cores": cores,
                "page_kb": 1_000 * grown / len(pages),
            }

        return contender


class Load:
    """Changes of all pages' projects, in turn."""

    def __init__(self, facts: Facts, pages: "Sequence[Page]") -> None:
        self._facts = facts
        self._pages = pages
        self._seq = 0

    async def changes(self, rate: int, count: int) -> list[float]:
        """So many a second; how long each took to be seen, in seconds."""
        pages = self._pages
        seen: list[asyncio.Future[float]] = []
        began = time.perf_counter()
        async with asyncio.TaskGroup() as sending:
            for first in range(0, count, BATCH):
                ahead = began + first / rate - time.perf_counter()
                if ahead > 0:
                    await asyncio.sleep(ahead)
                if first % len(pages) < BATCH:
                    self._seq += 1
                changed = [pages[n % len(pages)] for n in range(first, first + BATCH)]
                facts = [progress_of(page.place, self._seq) for page in changed]
                seen += [
                    page.awaits(fact.percent) for page, fact in zip(changed, facts, strict=True)
                ]
                sending.create_task(self._facts.send(facts))
        async with asyncio.timeout(SETTLED_S):
            return list(await asyncio.gather(*seen))


class Page:
    """An open event stream of one project."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.open = asyncio.Event()
        self._wanted: dict[int, tuple[float, asyncio.Future[float]]] = {}

    def awaits(self, percent: int) -> "asyncio.Future[float]":
        """Seconds from now until an event tells of this percent of the watched task, or of what
        came after it.
        """
        found: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._wanted[percent] = (time.perf_counter(), found)
        return found

    async def follow(self, port: int) -> None:
        """Until cancelled."""
        reader, writer = await asyncio.open_connection(_HERE, port, limit=1 << 20)
        try:
            path = f"/api/video-creation/projects/{self.place.project}/events"
            said = f"GET {path} HTTP/1.1\r\nHost: {_HERE}\r\nAuthorization: Bearer "
            writer.write(f"{said}{token(self.place.user)}\r\n\r\n".encode())
            if b" 200 " not in (status := await reader.readline()):
                raise RuntimeError(f"{path}: {status.decode()}")
            while line := await reader.readline():
                if line.startswith(b"data:"):
                    self._shown(json.loads(line[5:]))
            raise RuntimeError(f"{path} ended")
        finally:
            writer.close()

    def _shown(self, status: dict) -> None:
        self.open.set()
        percent = status["scenes"][3]["voice"]["percent"]
        while percent in self._wanted:
            began, found = self._wanted.pop(next(iter(self._wanted)))
            found.set_result(time.perf_counter() - began)


@asynccontextmanager
async def _opened(watched: Sequence[Place], port: int) -> AsyncGenerator[list[Page]]:
    """A page for each, all of which have been told how things are; one that fails ends it all."""
    pages = [Page(place) for place in watched]
    async with asyncio.TaskGroup() as group:
        following: list[asyncio.Task[None]] = []
        for first in range(0, len(pages), 50):
            few = pages[first : first + 50]
            following += [group.create_task(page.follow(port)) for page in few]
            async with asyncio.timeout(SETTLED_S):
                await asyncio.gather(*(page.open.wait() for page in few))
        yield pages
        for task in following:
            task.cancel()


@contextmanager
def _files(wanted: int) -> Generator[None]:
    """As many may be open here, and in processes that are started meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted, hard)), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def _ready(port: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(60):
        while True:
            with suppress(httpx.TransportError):
                if (await http.get(f"http://{_HERE}:{port}/ready")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
