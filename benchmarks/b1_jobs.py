"""B1: whole jobs without real work, three stages of ten reports, by one worker process."""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from api.auth import User
from api.idempotency import Asked, Once
from api.opening import Production, Terms
from benchmarks import peers, servers
from benchmarks.machine import cpu_of, described
from benchmarks.rounds import Claim, Contender, Curve, Figures, Line, Result, Series, in_turn
from benchmarks.servers import FOLDER
from local_stack.processes import run
from shared.artifacts.store import ArtifactStore
from shared.engines import Engines
from shared.messages.script import Scene, Script
from shared.messaging.publisher import Publisher
from shared.store import tables
from shared.store.engine import store_engine
from shared.store.relay import Relay

QUICK = ("taskiq", "dramatiq", "procrastinate")
PEERS = ("celery", *QUICK)
COLUMNS = {
    "rate": "jobs/s",
    "cpu_ms": "CPU a job, ms",
    "servers_ms": "the servers' CPU a job, ms",
    "p50_ms": "submit to done, p50, ms",
}
RATE = 4.0
WARM = 16  # so many first, unmeasured: by as many at once as submit, each with a connection
GAP_S, AT_ONCE = 0.01, 64
ARTIFACTS = FOLDER / "artifacts-b1"
TERMS = Terms(engines=Engines(), most_active=10)


async def measure(rounds: int, say: Callable[[str], None], *, smoke: bool = False) -> Result:
    count, paced = (20, 4) if smoke else (200, 40)
    many = 10 * count
    lined_up, unhurried = ((), QUICK[:1]) if smoke else (("Reelay", *QUICK), QUICK)
    spacing = {"GAP_S": str(GAP_S), "AT_ONCE": str(AT_ONCE)}
    async with servers.postgres() as postgres, servers.rabbitmq() as rabbitmq:
        url = await servers.database(postgres, "b1")
        theirs = await servers.database(postgres, "b1_peers")
        await servers.migrate(url)
        shutil.rmtree(ARTIFACTS, ignore_errors=True)
        ARTIFACTS.mkdir(parents=True)
        env = {"RABBITMQ_URL": rabbitmq.url, "ARTIFACTS_URL": f"file://{ARTIFACTS}"}
        both = [postgres.pid or 0, rabbitmq.pid or 0]
        ours = Ours({**env, "DATABASE_URL": url, "LOG_LEVEL": "ERROR"}, both)
        waits = {f"{stage}_SECONDS": str(10 * GAP_S) for stage in ("VOICE", "CLIP", "ASSEMBLY")}
        slowly = Ours({**ours.env, **waits, "SLOTS": str(AT_ONCE // len(waits))}, both)
        contenders: dict[str, Contender] = {"Reelay": ours.jobs(count, paced)}
        env |= {"DATABASE_URL": theirs, "SERVERS": " ".join(map(str, both)), "WARM": str(WARM)}
        for peer in PEERS:
            contenders[peer] = _peer(peer, env, count, paced)
        contenders[_spaced("Reelay")] = slowly.jobs(count)
        for peer in unhurried:
            contenders[_spaced(peer)] = _peer(peer, {**env, **spacing}, count)
        for name in lined_up:
            jobs = ours.jobs(many) if name == "Reelay" else _peer(name, env, many)
            contenders[_many(name, many)] = jobs
        series = await in_turn(contenders, rounds, say)
        about = described("aio-pika", "faststream", "sqlalchemy")
        about |= await servers.versions(postgres.url, rabbitmq.url) | peers.versions(*PEERS)
    best = _best(series, PEERS)
    apart = _best(series, [_spaced(peer) for peer in unhurried])
    return Result(
        id="b1",
        title="whole jobs without work",
        columns=COLUMNS,
        series=series,
        claims=[
            Claim(text=f"Reelay / the best peer ({best})", metric="rate", of="Reelay",
                  against=best, bar=1.5, aim=3),
            Claim(text=f"reports spaced, Reelay / the best peer ({apart})", metric="rate",
                  of=_spaced("Reelay"), against=apart, bar=0.5, aim=0.8),
            Claim(text="Reelay / Celery", metric="rate", of="Reelay", against="celery",
                  bar=10, aim=20),
            Claim(text="submit to done, Reelay / Celery", metric="p50_ms", of="Reelay",
                  against="celery", bar=0.5, aim=0.25, above=False),
        ],
        curves=[
            Curve(
                title="Whole jobs, ten times as many at once",
                x="jobs at once",
                y="jobs/s",
                lines=[
                    Line(
                        name=name, points=[(count, name, "rate"), (many, _many(name, many), "rate")]
                    )
                    for name in lined_up
                ],
            )
        ],
        notes=[
            f"{count} jobs at once, after {WARM} that are not measured; then {paced} of them at "
            f"{RATE:g} a second. A job is three "
            "stages of ten reports; each result is visible in PostgreSQL, of progress the newest.",
            "Reelay's job is a production of one scene (voice, clip, assembly) whose stages make "
            "nothing: tasks, log, outbox, relay, manifests and fold are the real ones. It is "
            "opened by what the API's route calls, with an idempotency key, and a relay beside it "
            "as in the API; nobody is called over HTTP. The CPU of who submits, eight at a time, "
            "and of that relay is not counted (the projector's own is); the peers' jobs are rows "
            "that who submits inserts first, as an API would.",
            f"{many:,} jobs at once without Celery, which needs minutes for them.",
            f"Spaced: every report is followed by {1000 * GAP_S:g} ms of nothing, more than our "
            f"emitter gathers for, so that no report is overtaken; {AT_ONCE} stages at "
            f"once, of ours {AT_ONCE // 3} of each. Elsewhere 32, of ours 32 of each.",
            "Reelay has one worker process and the projector beside it; the peers write their "
            "state from the worker itself (Celery: 8 children). CPU counts all of them. That of "
            "PostgreSQL and RabbitMQ is beside it, with what submitting and looking for the ends "
            "asked of them. All share two cores.",
        ],
        about=about,
    )  # fmt: skip


class Ours:
    def __init__(self, env: dict[str, str], servers: Sequence[int] = ()) -> None:
        self.env = env
        self.servers = servers

    def jobs(self, count: int, paced: int = 0) -> Contender:
        """``count`` jobs at once, and then, with ``paced``, so many one after the other."""

        async def contender() -> Figures:
            engine = store_engine(self.env["DATABASE_URL"], pool=10, application="bench")
            conn = await asyncpg.connect(self.env["DATABASE_URL"])
            worker, projector = "benchmarks.null_worker", "projector"
            try:
                async with (
                    self.relaying(engine) as relay,
                    servers.program("worker", servers.service(worker), **self.env) as one,
                    servers.program("projector", servers.service(projector), **self.env) as two,
                ):
                    await self.done(engine, conn, relay, await new_projects(engine, WARM), 0)
                    pids, projects = (one.pid, two.pid), await new_projects(engine, count)
                    before, served = cpu_of(pids), cpu_of(self.servers)
                    _, took = await self.done(engine, conn, relay, projects, 0)
                    found = {
                        "rate": count / took,
                        "cpu_ms": 1000 * (cpu_of(pids) - before) / count,
                        "servers_ms": 1000 * (cpu_of(self.servers) - served) / count,
                    }
                    if paced:
                        projects = await new_projects(engine, paced)
                        calm, _ = await self.done(engine, conn, relay, projects, 1 / RATE)
                        found["p50_ms"] = 1000 * calm[len(calm) // 2]
            finally:
                await conn.close()
                await engine.dispose()
            return found

        return contender

    @asynccontextmanager
    async def relaying(self, engine: AsyncEngine) -> AsyncGenerator[Relay]:
        """As an API process does: what it opened goes out at once."""
        stop = asyncio.Event()
        store = ArtifactStore.at(self.env["ARTIFACTS_URL"])
        async with Publisher(self.env["RABBITMQ_URL"], name="bench") as publisher:
            relay = Relay(engine, publisher, store, stop)
            running = asyncio.create_task(relay.run())
            yield relay
            stop.set()
            relay.wake()
            await running

    async def _ordered(self, engine: AsyncEngine, relay: Relay, project_id: UUID) -> None:
        """What ``POST …/production`` does."""
        user = User(id=str(project_id))
        artifacts = ArtifactStore.at(self.env["ARTIFACTS_URL"])
        order = Production(engine, artifacts.find, user=user, project_id=project_id, terms=TERMS)
        asked = Asked(user=user, key=str(uuid4()), request="production", language="zh-CN")
        answer = await Once(engine, relay.wake, asked).answer(order.open, look=order.look)
        if answer.status_code != 202:
            raise RuntimeError(answer.body)

    async def done(
        self,
        engine: AsyncEngine,
        conn: asyncpg.Connection,
        relay: Relay,
        projects: Sequence[UUID],
        gap: float,
    ) -> tuple[list[float], float]:
        """Seconds from each submission to its end, sorted; seconds of all."""
        asked: dict[UUID, float] = {}
        ends: dict[UUID, float] = {}
        begun = time.perf_counter()
        room = asyncio.Semaphore(8)

        async def submit(number: int, project_id: UUID) -> None:
            await asyncio.sleep(max(0, begun + number * gap - time.perf_counter()))
            async with room:
                asked[project_id] = time.perf_counter()
                await self._ordered(engine, relay, project_id)

        submitting = asyncio.gather(*(submit(n, one) for n, one in enumerate(projects)))
        query = "SELECT id FROM video_projects WHERE id = ANY($1) AND status = 'EDITING'"
        while len(ends) < len(projects):
            if time.perf_counter() - begun > 240:
                raise RuntimeError(f"{len(ends)} of {len(projects)} jobs ended")
            for row in await conn.fetch(query, [one for one in projects if one not in ends]):
                ends[row["id"]] = time.perf_counter()
            await asyncio.sleep(0.004 if gap else 0.02)
        await submitting
        waits = sorted(ends[one] - asked[one] for one in projects)
        return waits, max(ends.values()) - begun


async def new_projects(engine: AsyncEngine, count: int) -> list[UUID]:
    return [await _project(engine) for _ in range(count)]


async def _project(engine: AsyncEngine) -> UUID:
    project_id = uuid4()
    scene = Scene(id=uuid4(), narration="一件事情。", heading="一")
    row = {
        "id": project_id,
        "user_id": str(project_id),  # a key hashes its user: nothing is found made already
        "title": "t",
        "source": {"kind": "topic", "text": "t"},
        "script": Script(title="t", scenes=(scene,)).model_dump(mode="json"),
        "script_version": 1,
        "take": 1,
    }
    async with engine.begin() as conn:
        await conn.execute(tables.projects.insert().values(row))
    return project_id


def _spaced(name: str) -> str:
    return f"{name}, spaced"


def _best(series: Sequence[Series], among: Sequence[str]) -> str:
    found = [one for one in series if one.name in among]
    return max(found, key=lambda one: one.median("rate") or 0).name


def _many(name: str, count: int) -> str:
    return f"{name}, {count:,} jobs"


def _peer(name: str, env: dict[str, str], count: int, paced: int = 0) -> Contender:
    driver = [str(peers.python()), str(peers.HERE / "jobs_driver.py"), name, str(count)]
    if paced:
        driver += [str(paced), str(RATE)]

    async def contender() -> Figures:
        log = FOLDER / "logs" / f"{name}.log"
        log.unlink(missing_ok=True)
        path = {"PATH": f"{peers.VENV / 'bin'}:/usr/bin:/bin", "PYTHONPATH": str(peers.HERE)}
        if await run(driver, log=log, env={**path, **env}, within_s=300):
            raise RuntimeError(f"{name} failed; see {log}")
        lines = [line for line in log.read_text().splitlines() if line.startswith("{")]
        return json.loads(lines[-1])

    return contender
