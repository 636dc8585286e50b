"""``jobs_driver.py SYSTEM COUNT [PACED RATE]``: one worker process of a peer; so many jobs at once,
then so many at a rate a second; PostgreSQL watched for their ends; one line of JSON.
"""

import asyncio
import importlib
import json
import os
import subprocess
import sys
import time
import uuid
from contextlib import AsyncExitStack, suppress

import asyncpg
import psutil
import uvloop
from jobs_common import AT_ONCE, DATABASE, TABLE

HERE, BIN = os.path.dirname(os.path.abspath(__file__)), os.path.dirname(sys.executable)
WORKERS = {
    "celery": ["celery", "-A", "jobs_celery", "worker", "-c", "8", "-P", "prefork",
               "--without-gossip", "--without-mingle", "-l", "ERROR"],
    "taskiq": ["taskiq", "worker", "jobs_taskiq:broker", "--workers", "1",
               "--max-async-tasks", str(AT_ONCE), "--log-level", "ERROR"],
    "dramatiq": ["dramatiq", "jobs_dramatiq", "-p", "1", "-t", str(AT_ONCE)],
    "procrastinate": ["python", os.path.join(HERE, "jobs_procrastinate.py")],
}  # fmt: skip
ENDED = {
    "celery": "SELECT task_id FROM celery_taskmeta WHERE task_id = ANY($1::text[]) "
    "AND status = 'SUCCESS'",
    "taskiq": "SELECT task_id FROM taskiq_results WHERE task_id = ANY($1::text[]) "
    "AND result IS NOT NULL",
}
WARM = int(os.environ["WARM"])
SERVERS = [int(pid) for pid in os.environ["SERVERS"].split()]
IN_TABLE = "SELECT id FROM jobs WHERE id = ANY($1::text[]) AND status = 'completed'"


async def main() -> None:
    system, count = sys.argv[1], int(sys.argv[2])
    paced, rate = (int(sys.argv[3]), float(sys.argv[4])) if sys.argv[3:] else (0, 1.0)
    peer = importlib.import_module(f"jobs_{system}")
    async with AsyncExitStack() as stack:
        conn = await asyncpg.connect(DATABASE)
        stack.push_async_callback(conn.close)
        await conn.execute(TABLE)
        pool = await stack.enter_async_context(
            asyncpg.create_pool(DATABASE, min_size=8, max_size=8)
        )
        if system == "procrastinate":
            await stack.enter_async_context(peer.app.open_async())
            if not await conn.fetchval("SELECT to_regclass('procrastinate_jobs')"):
                await peer.app.schema_manager.apply_schema_async()
        if system == "taskiq":
            await peer.broker.startup()
            stack.push_async_callback(peer.broker.shutdown)
        worker = subprocess.Popen(  # noqa: ASYNC220  (once, before anything is timed)
            [os.path.join(BIN, WORKERS[system][0]), *WORKERS[system][1:]]
        )
        stack.callback(_end, worker)
        query = ENDED.get(system, IN_TABLE)
        await Run(conn, pool, peer, query).done(WARM)
        before, served = _cpu(worker.pid), _cpu(*SERVERS)
        burst = Run(conn, pool, peer, query)
        await burst.done(count)
        figures = burst.figures(_cpu(worker.pid) - before, _cpu(*SERVERS) - served)
        if paced:
            calm = Run(conn, pool, peer, query)
            await calm.done(paced, 1 / rate)
            figures["p50_ms"] = 1000 * calm.waits()[paced // 2]
        sys.stdout.write(json.dumps(figures) + "\n")


class Run:
    def __init__(self, conn, pool, peer, query: str) -> None:
        self.conn, self.pool, self.peer, self.query = conn, pool, peer, query
        self.asked: dict[str, float] = {}
        self.ends: dict[str, float] = {}
        self.all_asked = False

    async def submitted(self, jobs: list[str], gap: float) -> None:
        begun, room = time.perf_counter(), asyncio.Semaphore(8)

        async def submit(number: int, job: str) -> None:
            await asyncio.sleep(max(0, begun + number * gap - time.perf_counter()))
            async with room:
                at = time.perf_counter()
                if self.query == IN_TABLE:
                    await self.pool.execute("INSERT INTO jobs (id) VALUES ($1)", job)
                if asyncio.iscoroutinefunction(self.peer.submit):
                    end = await self.peer.submit(job)
                else:
                    end = await asyncio.to_thread(self.peer.submit, job)
                self.asked[end] = at

        await asyncio.gather(*(submit(*numbered) for numbered in enumerate(jobs)))
        self.all_asked = True

    async def ended(self, *, within: float, every: float = 0.02) -> None:
        begun = time.perf_counter()
        while not self.all_asked or len(self.ends) < len(self.asked):
            if time.perf_counter() - begun > within:
                raise SystemExit(f"{len(self.ends)} of {len(self.asked)} jobs ended")
            todo = [end for end in self.asked if end not in self.ends]
            try:
                rows = await self.conn.fetch(self.query, todo)
            except asyncpg.UndefinedTableError:
                rows = []
            for row in rows:
                self.ends.setdefault(row[0], time.perf_counter())
            await asyncio.sleep(every)

    async def done(self, count: int, gap: float = 0.0) -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(self.ended(within=240, every=0.004 if gap else 0.02))
            await self.submitted([uuid.uuid4().hex for _ in range(count)], gap)

    def waits(self) -> list[float]:
        return sorted(self.ends[end] - at for end, at in self.asked.items())

    def figures(self, cpu: float, served: float) -> dict[str, float]:
        count = len(self.asked)
        took = max(self.ends.values()) - min(self.asked.values())
        return {
            "rate": count / took,
            "cpu_ms": 1000 * cpu / count,
            "servers_ms": 1000 * served / count,
        }


def _cpu(*pids: int) -> float:
    """Seconds, with their children, also of those that have ended."""
    total = 0.0
    for parent in map(psutil.Process, pids):
        for process in (parent, *parent.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += sum(process.cpu_times()[:4])
    return total


def _end(worker: subprocess.Popen) -> None:
    worker.terminate()
    try:
        worker.wait(8)
    except subprocess.TimeoutExpired:
        for child in psutil.Process(worker.pid).children(recursive=True):
            child.kill()
        worker.kill()
        worker.wait()


uvloop.run(main())
