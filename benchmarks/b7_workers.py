"""B7: one video over one, two and four workers, its tasks of fixed waiting time."""

import asyncio
import math
import shutil
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

import asyncpg

from benchmarks import servers
from benchmarks.b1_jobs import ARTIFACTS, Ours, new_projects
from benchmarks.machine import described
from benchmarks.rounds import Claim, Contender, Figures, Result, in_turn
from benchmarks.seeding import producing
from shared.store.engine import store_engine

COLUMNS = {"seconds": "order to video, s", "share": "critical path / measured"}
SECONDS = {"voice": 0.5, "clip": 1.0, "assembly": 0.5}
WORKERS = (1, 2, 4)


async def measure(rounds: int, say: Callable[[str], None], *, smoke: bool = False) -> Result:
    scenes = 2 if smoke else 12
    async with servers.postgres() as postgres, servers.rabbitmq() as rabbitmq:
        url = await servers.database(postgres, "b7")
        await servers.migrate(url)
        shutil.rmtree(ARTIFACTS, ignore_errors=True)
        ARTIFACTS.mkdir(parents=True)
        waits = {f"{stage.upper()}_SECONDS": str(wait) for stage, wait in SECONDS.items()}
        env = {"RABBITMQ_URL": rabbitmq.url, "ARTIFACTS_URL": f"file://{ARTIFACTS}"}
        env |= {"DATABASE_URL": url, "LOG_LEVEL": "ERROR", "SLOTS": "1", **waits}
        contenders: dict[str, Contender] = {
            _name(count): _video(env, scenes, count) for count in WORKERS
        }
        series = await in_turn(contenders, rounds, say)
    return Result(
        id="b7",
        title="one video over several workers",
        columns=COLUMNS,
        series=series,
        claims=[
            Claim(text=f"critical path / measured, {_name(count)}", metric="share",
                  of=_name(count), bar=0.9 if count == max(WORKERS) else None,
                  aim=0.95 if count == max(WORKERS) else None)
            for count in WORKERS
        ],
        notes=[
            f"{scenes} scenes; a voice waits {SECONDS['voice']:g} s, a clip {SECONDS['clip']:g} s, "
            f"the assembly {SECONDS['assembly']:g} s, each reporting ten times on the way. A "
            "worker takes one voice and one clip at a time.",
            "The critical path is the first voice, the clips in as many rows as there are workers, "
            "and the assembly; everything else (outbox, broker, fold, manifests) is overhead.",
        ],
        about=described("aio-pika", "faststream", "sqlalchemy"),
    )  # fmt: skip


def _name(count: int) -> str:
    return f"{count} worker{'s' if count > 1 else ''}"


def critical_path_s(scenes: int, workers: int) -> float:
    return SECONDS["voice"] + math.ceil(scenes / workers) * SECONDS["clip"] + SECONDS["assembly"]


def _video(env: dict[str, str], scenes: int, workers: int) -> Contender:
    async def contender() -> Figures:
        ours = Ours(env)
        engine = store_engine(env["DATABASE_URL"], pool=4, application="bench")
        async with AsyncExitStack() as stack:
            stack.push_async_callback(engine.dispose)
            conn = await asyncpg.connect(env["DATABASE_URL"])
            stack.push_async_callback(conn.close)
            relay = await stack.enter_async_context(ours.relaying(engine))
            modules = ["projector", *["benchmarks.null_worker"] * workers]
            for number, module in enumerate(modules):
                command = servers.service(module)
                await stack.enter_async_context(servers.program(f"b7-{number}", command, **env))
            first = await new_projects(engine, 2 * workers)
            await ours.done(engine, conn, relay, first, 0)  # everybody is awake
            began = time.perf_counter()
            project = await producing(engine, f"b7 {began}", scenes=scenes)
            relay.wake()
            query = "SELECT 1 FROM video_projects WHERE id = $1 AND status = 'EDITING'"
            async with asyncio.timeout(240):
                while not await conn.fetchval(query, project):  # noqa: ASYNC110  (another process's row)
                    await asyncio.sleep(0.004)
            seconds = time.perf_counter() - began
        return {"seconds": seconds, "share": critical_path_s(scenes, workers) / seconds}

    return contender
