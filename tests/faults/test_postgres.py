"""PostgreSQL restarted, away, frozen, locked, and full, while customers order."""

import asyncio
import signal

import asyncpg
import psutil
import pytest
from support.faults.trial import Trial, trial
from support.faults.world import SERVICES, World
from support.waiting import eventually

pytestmark = [pytest.mark.timeout(400), pytest.mark.asyncio(loop_scope="session")]

AWAY_S = 30
FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
"""
WRITTEN = ("tasks", "project_events", "outbox", "notifier.notices", "idempotency_keys")


@pytest.mark.parametrize("how", [pytest.param("stopped", marks=pytest.mark.long), "killed"])
async def test_restarted_under_everybodys_feet(world: World, how: str) -> None:
    async with trial(world, f"PostgreSQL {how} and started", customers=4) as this:
        await eventually(lambda: _ordered(this), within=60)
        await (world.postgres.kill() if how == "killed" else world.postgres.stop())
        await world.postgres.start()
        this.over()


@pytest.mark.long
async def test_away_for_a_while(world: World) -> None:
    async with trial(world, f"PostgreSQL away for {AWAY_S} s", customers=4) as this:
        await eventually(lambda: _ordered(this), within=60)
        await world.postgres.stop()
        await world.last(AWAY_S)
        await world.postgres.start()
        this.over()


@pytest.mark.long
async def test_frozen_for_a_while(world: World) -> None:
    async with trial(world, "PostgreSQL frozen for 20 s", customers=4) as this:
        await eventually(lambda: _ordered(this), within=60)
        server = psutil.Process(world.postgres.pid)
        processes = [server, *server.children(recursive=True)]
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        await world.last(20)
        for process in processes:
            process.send_signal(signal.SIGCONT)
        this.over()


@pytest.mark.long
async def test_all_projects_are_locked_for_long(world: World) -> None:
    async with trial(world, "a lock on all projects for 12 s", customers=3) as this:
        await eventually(lambda: _ordered(this), within=60)
        connection = await asyncpg.connect(world.postgres.url)
        async with connection.transaction():
            await connection.execute("LOCK TABLE video_projects IN ACCESS EXCLUSIVE MODE")
            await world.last(12)
        await connection.close()
        this.over()


@pytest.mark.long
async def test_no_connection_is_left(world: World) -> None:
    async with trial(world, "connections exhausted for 8 s", customers=3) as this:
        await eventually(lambda: _ordered(this), within=60)
        taken = await _all_connections(world.postgres.url)
        assert taken
        await asyncio.gather(*(_ended_backends(world, service) for service in SERVICES[:2]))
        await world.last(8)
        await asyncio.gather(*(one.close() for one in taken))
        this.over()


async def test_its_disk_is_full(world: World) -> None:
    async with trial(world, "PostgreSQL's disk full for 6 s", customers=4) as this:
        await eventually(lambda: _facts_are_coming(this), within=60, every=0.005)
        connection = await asyncpg.connect(world.postgres.url)
        await connection.execute(FULL)
        for table in WRITTEN:
            await connection.execute(
                f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION full_disk()"
            )
        await eventually(lambda: _complained(world), within=10)
        await world.last(6)
        await connection.execute("DROP FUNCTION full_disk CASCADE")
        await connection.close()
        this.over()


@pytest.mark.long
@pytest.mark.parametrize("service", ["api", "projector", "notifier"])
@pytest.mark.parametrize("how", ["reset", "black hole"])
async def test_a_service_cut_off_from_it(world: World, service: str, how: str) -> None:
    link = world.link(service, "postgres")
    async with trial(world, f"{service} ↔ PostgreSQL: {how}", customers=3) as this:
        await eventually(lambda: _ordered(this), within=60)
        if how == "reset":
            assert link.cut() > 0
        else:
            link.up.clear()
            link.down.clear()
            await world.last(20)
            link.heal()
            link.cut()
        this.over()


async def _all_connections(url: str) -> list[asyncpg.Connection]:
    taken: list[asyncpg.Connection] = []
    while True:
        try:
            taken.append(await asyncpg.connect(url))
        except asyncpg.TooManyConnectionsError:
            return taken


async def _ended_backends(world: World, service: str) -> None:
    """The service has to connect anew, and can't."""
    world.link(service, "postgres").cut()


def _facts_are_coming(this: Trial) -> bool:
    """Voices are being made: their results will meet what comes now."""
    return any(one.seen and one.seen[-1]["status"] == "GENERATING_AUDIO" for one in this.customers)


def _complained(world: World) -> bool:
    logs = (world.folder / "logs").glob("projector*.log")
    return any("No space left" in log.read_text() for log in logs)


def _ordered(this: Trial) -> bool:
    return all(one.seen for one in this.customers)
