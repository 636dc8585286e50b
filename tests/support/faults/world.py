"""The whole system, two of each service, on servers of its own with a link to each that can be
broken; and what can be seen of it from outside.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aio_pika
import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from support.faults.cluster import Cluster
from support.faults.customer import Customer
from support.faults.disk import Disk
from support.faults.invariants import Evidence
from support.llm_server import GOOD_KEY
from support.points import Points
from support.proxy import Proxy, proxied
from support.waiting import eventually

from local_stack.processes import Process, Program
from local_stack.servers.ports import free_port
from local_stack.servers.postgres import Postgres
from local_stack.servers.rabbitmq import RabbitMQ
from local_stack.servers.rabbitmq_programs import programs
from local_stack.stack import Stack
from projector.rebuild import rebuild
from shared.messaging.topology import QUEUES
from shared.store import tables
from shared.store.engine import store_engine
from shared.store.migrate import upgrade_async

SERVICES: Final = ("api", "projector", "script-worker", "media-worker", "notifier")
KEPT: Final = Path(__file__).parents[3] / ".reelay" / "programs" / "rabbitmq"
TESTS: Final = Path(__file__).parents[2]


class World:
    """``links``: by (service, server) with server "rabbitmq" or "postgres". ``broken``: a test
    went wrong in it, so that nobody should go on there.
    """

    def __init__(
        self, folder: Path, *, replicas: int = 2, rabbitmq: RabbitMQ | Cluster | None = None
    ) -> None:
        self.folder = folder
        self.broken = False
        self.rabbitmq = rabbitmq or RabbitMQ(folder / "rabbitmq", kept=KEPT)
        self.postgres = Postgres(folder / "postgres")
        self.links: dict[tuple[str, str], Proxy] = {}
        self.disk = Disk(folder / "artifacts")
        self.books = folder / "books.jsonl"
        self.stack: Stack
        self.engine: AsyncEngine
        self._points = Points(folder / "points")
        self._replicas = replicas
        self._ends = AsyncExitStack()
        self._provider_url = ""

    async def start(self) -> "World":
        await self._ends.__aenter__()
        self._ends.callback(self.disk.release)
        for server in (self.rabbitmq, self.postgres):
            self._ends.push_async_callback(server.stop)
        await asyncio.gather(self.rabbitmq.start(), self.postgres.start())
        await upgrade_async(self.postgres.url)
        self.engine = store_engine(self.postgres.url, pool=3, application="tests")
        self._ends.push_async_callback(self.engine.dispose)
        await self._start_provider()
        for service in SERVICES:
            for server, url in (
                ("rabbitmq", self.rabbitmq.url),
                ("postgres", self.postgres.url),
            ):
                port = urlsplit(url).port or 0
                link = await self._ends.enter_async_context(proxied("127.0.0.1", port))
                self.links[service, server] = link
        self.stack = Stack(
            self.folder,
            self.postgres.url,
            self.rabbitmq.url,
            replicas=dict.fromkeys(SERVICES, self._replicas),
            env={service: self._env(service) for service in SERVICES},
            modules={"media-worker": "support.faults.quick_media"},
        )
        self._ends.push_async_callback(self.stack.stop)
        await self.stack.start()
        await self.stack.wait_ready(within_s=120)
        return self

    async def stop(self) -> None:
        for link in self.links.values():
            link.heal()
        await self._ends.aclose()

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{self.stack.port(name)}" for name in self.names("api")]

    def names(self, service: str) -> list[str]:
        """The processes of a service."""
        return [one.name for one in self.stack.services if one.name.removesuffix("-2") == service]

    def customers(self, count: int) -> list[Customer]:
        return [Customer(urls=self.urls) for _ in range(count)]

    def link(self, service: str, server: str) -> Proxy:
        return self.links[service, server]

    def arm(self, service: str, point: str, sign: signal.Signals) -> Path:
        """The file that says that the moment was hit: it holds the pid of who was hit."""
        return self._points.arm(service, point, sign)

    def disarm(self) -> None:
        self._points.disarm()

    async def hit(self, mark: Path, *, within: float = 30) -> int:
        """The pid of the process that reached the armed moment."""
        return int(await eventually(lambda: mark.exists() and mark.read_text(), within=within))

    async def last(self, seconds: float) -> None:
        """As long as a fault itself is to last: nobody waits for anything by it."""
        await asyncio.sleep(seconds)

    async def moods(self, **moods: list[str]) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            url = self._provider_url.removesuffix("/v1") + "/moods"
            (await http.post(url, json=moods)).raise_for_status()

    async def ctl(self, *words: str) -> str:
        """``rabbitmqctl``, bounded in time."""
        found = programs(KEPT)
        environment = self.rabbitmq._environment(found)
        node = environment["RABBITMQ_NODENAME"]
        asked = await asyncio.create_subprocess_exec(
            found.server.with_name("rabbitmqctl"), "-q", "-n", node, *words,
            env=environment, cwd=self.folder, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(60):
            said, _ = await asked.communicate()
        assert asked.returncode == 0, said.decode()
        return said.decode()

    async def rows(self, table: Any) -> list[dict[str, Any]]:
        async with self.engine.connect() as conn:
            return [dict(row) for row in (await conn.execute(select(table))).mappings()]

    def calls(self) -> list[dict[str, Any]]:
        if not self.books.exists():
            return []
        return [json.loads(line) for line in self.books.read_text().splitlines()]

    async def depths(self, *, dead: bool) -> dict[str, int]:
        """Messages in each queue, or in each dead queue."""
        connection = await aio_pika.connect(self.rabbitmq.url)
        async with connection:
            channel = await connection.channel()
            found: dict[str, int] = {}
            for queue in QUEUES:
                name = queue.dead if dead else queue.name
                declared = await channel.declare_queue(name, passive=True)
                found[name] = declared.declaration_result.message_count or 0
        return found

    async def quiet(self, *, within: float = 60) -> None:
        """Every process is ready, every outbox row is out, every queue is empty."""
        await self.stack.wait_ready(within_s=within)
        await eventually(self._nothing_left, within=within, every=0.2)

    async def evidence(
        self, customers: Sequence[Customer], *, buried_before: int = 0, expected_buried: int = 0
    ) -> Evidence:
        report = await rebuild(self.engine, [row["id"] for row in await self._own(customers)])
        return Evidence(
            customers=customers,
            projects=await self.rows(tables.projects),
            runs=await self.rows(tables.runs),
            notices=await self.rows(tables.notices),
            unpublished=await self._unpublished(),
            dead=await self.depths(dead=True),
            buried=(await self.rows(tables.dead_letters))[buried_before:],
            calls=self.calls(),
            rebuilt={str(project): said for project, said in report.differing.items()},
            expected_buried=expected_buried,
        )

    async def _own(self, customers: Sequence[Customer]) -> list[dict[str, Any]]:
        known = {customer.project for customer in customers}
        return [row for row in await self.rows(tables.projects) if str(row["id"]) in known]

    async def _nothing_left(self) -> bool:
        if await self._unpublished():
            return False
        depths = {**await self.depths(dead=False), **await self.depths(dead=True)}
        return not any(depths.values())

    async def _unpublished(self) -> int:
        return sum(row["published_at"] is None for row in await self.rows(tables.outbox))

    async def _start_provider(self) -> None:
        port = free_port(f"{self.folder}/provider")
        self._provider_url = f"http://127.0.0.1:{port}/v1"
        program = Program(
            name="provider",
            command=[sys.executable, "-m", "support.faults.provider", str(port), self.books],
            log=self.folder / "provider.log",
            env={**os.environ, "PYTHONPATH": str(TESTS)},
        )
        provider = Process(program)
        provider.start()
        self._ends.push_async_callback(provider.stop, grace_s=2)
        await eventually(self._provider_answers, within=60, every=0.1)

    async def _provider_answers(self) -> bool:
        with suppress(httpx.TransportError):
            await self.moods()
            return True
        return False

    def _env(self, service: str) -> dict[str, str]:
        env = {
            "PYTHONPATH": str(TESTS),
            **self._points.env(service),
            "RABBITMQ_URL": self._through(service, "rabbitmq", self.rabbitmq.url),
            "WRITER": "custom",
            "LLM_BASE_URL": self._provider_url,
            "LLM_MODEL": "writer",
            "LLM_CHARGES": "true",
            "LLM_IDLE_S": "20",
            "VOICE": "openai",
            "VOICE_IDLE_S": "10",
            "OPENAI_API_KEY": GOOD_KEY,
            "OPENAI_TTS_BASE_URL": self._provider_url,
            "MAX_ACTIVE_RUNS": "1000",
            "LINK_SECRET": "0123456789abcdef0123456789abcdef",
        }
        if service not in {"script-worker", "media-worker"}:
            env["DATABASE_URL"] = self._through(service, "postgres", self.postgres.url)
        return env

    def _through(self, service: str, server: str, url: str) -> str:
        port = urlsplit(url).port
        return url.replace(f":{port}/", f":{self.links[service, server].port}/")
