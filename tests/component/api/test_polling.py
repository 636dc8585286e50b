"""The poll's short way: the same answers as the documented route, and never an old one."""

import asyncio
from collections.abc import Collection
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from support.asked import asked_of
from support.driving import BASE, Driver, refused
from support.http import parts_of
from support.waiting import eventually

from api.app import application
from api.database import impatient
from api.estimates import Estimates
from api.gathering import Gathered
from api.recent import RecentStatuses
from api.status import StatusReader, Told
from shared.artifacts.store import ArtifactStore
from shared.store.engine import store_engine

ROOM = 1_000_000


def reader_of(most_bytes: int = ROOM) -> RecentStatuses:
    return RecentStatuses(StatusReader(Estimates(), poll_after_ms=3_000), most_bytes=most_bytes)


async def read(reader: RecentStatuses, engine: AsyncEngine, project: str) -> Told | None:
    async with engine.connect() as conn:
        return (await reader.read(conn, [UUID(project)])).get(UUID(project))


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("", {}, 200, id="a status"),
        pytest.param("", {"if-none-match": "*"}, 304, id="unchanged"),
        pytest.param("", {"x-scopes": "video:write"}, 403, id="no right to read"),
        pytest.param("", {"x-user": "bob"}, 404, id="somebody else's"),
        pytest.param("00000000-0000-4000-8000-000000000000", {}, 404, id="none there"),
        pytest.param("", {"x-long": "x" * 256_000}, 431, id="headers that are too long"),
        pytest.param("", {"origin": "http://localhost"}, 200, id="from a page"),
    ],
)
async def test_the_short_way_answers_as_the_documented_route_does(
    driver: Driver, path: str, headers: dict[str, str], status: int
) -> None:
    project = path or await driver.with_script()
    address = f"{BASE}/projects/{project}/status"

    short = await driver.client.get(address, headers=headers)
    documented = await driver.client.get(f"{address}?wait=0", headers=headers)

    assert (short.status_code, short.content) == (documented.status_code, documented.content)
    assert dict(short.headers) == dict(documented.headers)
    assert short.status_code == status


@pytest.mark.parametrize("query", ["", "?wait=0"], ids=["the short way", "the documented route"])
async def test_a_poll_that_the_database_keeps_waiting_is_told_so_in_time(
    engine: AsyncEngine, artifacts: ArtifactStore, query: str
) -> None:
    app = application(parts_of(engine, artifacts, settings={"request_timeout_s": 3}))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        project = await Driver(client, engine, artifacts).created()
        async with engine.begin() as conn:
            await conn.execute(text("LOCK TABLE video_projects IN ACCESS EXCLUSIVE MODE"))
            answer = await client.get(f"{BASE}/projects/{project}/status{query}")

    assert refused(answer, 503, "request_timeout")


async def test_a_status_is_built_once_and_told_again_while_nothing_in_it_changes(
    driver: Driver, engine: AsyncEngine
) -> None:
    project, reader = await driver.with_script(), reader_of()

    first, again = [await read(reader, engine, project) for _ in range(2)]

    assert first is again is not None


async def test_a_kept_status_is_dropped_as_soon_as_the_project_changes(
    driver: Driver, engine: AsyncEngine
) -> None:
    project, reader = await driver.with_script(), reader_of()
    before = await read(reader, engine, project)

    await driver.post(f"/projects/{project}/production")
    await driver.work(project, "voice")
    after = await read(reader, engine, project)

    assert before is not None
    assert after is not None
    assert b"GENERATING_VIDEO" in after.body
    assert after.etag != before.etag


async def test_silence_alone_which_writes_nothing_drops_a_kept_status(
    driver: Driver, engine: AsyncEngine
) -> None:
    project, reader = await driver.created(), reader_of()
    await driver.post(f"/projects/{project}/script")
    await driver.start(project)
    lively = await read(reader, engine, project)

    async with engine.begin() as conn:  # as if time had passed
        await conn.execute(text("UPDATE tasks SET last_seen_at = now() - interval '16 seconds'"))
    silent = await read(reader, engine, project)

    assert (lively and lively.stalled, silent and silent.stalled) == (False, True)


async def test_a_deleted_project_is_not_told_from_memory(
    driver: Driver, engine: AsyncEngine
) -> None:
    project, reader = await driver.with_script(), reader_of()
    await read(reader, engine, project)

    await driver.client.delete(f"{BASE}/projects/{project}")

    assert await read(reader, engine, project) is None


async def test_what_waits_in_a_queue_is_read_anew_each_time(
    driver: Driver, engine: AsyncEngine
) -> None:
    project, reader = await driver.created(), reader_of()
    await driver.post(f"/projects/{project}/script")

    first, again = [await read(reader, engine, project) for _ in range(2)]

    assert first is not again
    assert first == again


async def test_the_memory_is_bounded_and_forgets_who_was_asked_for_longest_ago(
    driver: Driver, engine: AsyncEngine
) -> None:
    one, two = await driver.with_script(), await driver.with_script()
    size = len((await read(reader_of(), engine, one) or pytest.fail("no status")).body)
    reader = reader_of(size + size // 2)
    first = await read(reader, engine, one)

    await read(reader, engine, two)

    assert await read(reader, engine, one) is not first


async def test_polls_that_come_together_are_one_question_to_the_database(
    driver: Driver, engine: AsyncEngine
) -> None:
    projects = [UUID(await driver.created()) for _ in range(5)]
    gathered = Gathered(engine, reader_of().read)
    with asked_of(engine) as asked:
        await gathered.told(projects[0])
        asked.clear()

        told = await asyncio.gather(*(gathered.told(one) for one in projects * 4))

    assert {one.project_id for one in told if one} == set(projects)
    assert 0 < sum("FROM video_projects" in statement for statement, _ in asked) <= 4


async def test_questions_that_keep_coming_share_a_connection_which_then_goes_back(
    driver: Driver, engine: AsyncEngine
) -> None:
    project, lent = UUID(await driver.created()), list[object]()
    gathered = Gathered(engine, reader_of().read)

    def note(connection: object, *_: object) -> None:
        lent.append(connection)

    await eventually(lambda: engine.pool.checkedout() == 0)
    event.listen(engine.sync_engine, "checkout", note)
    for _ in range(10):
        assert await gathered.told(project)
    event.remove(engine.sync_engine, "checkout", note)

    assert len(lent) < 5  # 1, unless this machine halts for longer than a lane lingers
    await eventually(lambda: engine.pool.checkedout() == 0)


async def test_a_lane_without_a_connection_leaves_the_question_to_the_one_that_has_it(
    driver: Driver, database_url: str
) -> None:
    reading, go = asyncio.Event(), asyncio.Event()
    pool = store_engine(database_url, pool=1, application="tests")
    engine = impatient(pool, wait_s=1)

    async def slow(_: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Told]:
        reading.set()
        await go.wait()
        return {one: _told(one, 1) for one in ids}

    gathered = Gathered(engine, slow)
    first = asyncio.create_task(gathered.told(uuid4()))
    await reading.wait()
    second = asyncio.create_task(gathered.told(uuid4()))
    for _ in range(2):  # as long as the second lane waits for a connection, and longer
        with pytest.raises(TimeoutError):
            await engine.connect()
    go.set()

    assert await first
    assert await second
    await gathered.close()
    await pool.dispose()


async def test_polls_without_end_leave_the_only_connection_to_others(
    driver: Driver, database_url: str
) -> None:
    project = UUID(await driver.created())
    engine = store_engine(database_url, pool=1, application="tests")
    gathered = Gathered(engine, reader_of().read)

    async def polling() -> None:
        while True:
            await gathered.told(project)

    pollers = [asyncio.create_task(polling()) for _ in range(4)]
    await eventually(lambda: engine.pool.checkedout() == 1)
    async with asyncio.timeout(4), engine.connect() as conn:
        found = await conn.scalar(text("SELECT 1"))
    for poller in pollers:
        poller.cancel()
    await gathered.close()
    await engine.dispose()

    assert found == 1


async def test_closing_gives_the_connection_back_at_once(
    driver: Driver, engine: AsyncEngine
) -> None:
    project = UUID(await driver.created())
    gathered = Gathered(engine, reader_of().read)
    await gathered.told(project)

    await gathered.close()

    assert engine.pool.checkedout() == 0


async def test_who_asks_while_a_read_is_under_way_gets_the_next_one(engine: AsyncEngine) -> None:
    reads: list[asyncio.Event] = []

    async def slow(_: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Told]:
        mine = asyncio.Event()
        reads.append(mine)
        await mine.wait()
        number = reads.index(mine)
        return {one: _told(one, number) for one in ids}

    project, gathered = uuid4(), Gathered(engine, slow)
    early = asyncio.create_task(gathered.told(project))
    await eventually(lambda: len(reads) == 1)
    late = asyncio.create_task(gathered.told(project))
    await eventually(lambda: len(reads) == 2)
    for one in reads:
        one.set()

    answers = await asyncio.gather(early, late)

    assert [one.version for one in answers if one] == [0, 1]


async def test_a_failed_read_is_told_to_all_who_waited_and_to_nobody_after(
    engine: AsyncEngine,
) -> None:
    faults = [OSError("away")]

    async def once_failing(_: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Told]:
        if faults:
            raise faults.pop()
        return {one: _told(one, 1) for one in ids}

    gathered, project = Gathered(engine, once_failing), uuid4()
    both = await asyncio.gather(
        gathered.told(project), gathered.told(uuid4()), return_exceptions=True
    )

    assert [type(one) for one in both] == [OSError, OSError]
    assert await gathered.told(project) is not None


async def test_one_who_leaves_takes_nobodys_answer_along(engine: AsyncEngine) -> None:
    go = asyncio.Event()

    async def slow(_: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Told]:
        await go.wait()
        return {one: _told(one, 1) for one in ids}

    gathered, project = Gathered(engine, slow), uuid4()
    leaver = asyncio.create_task(gathered.told(project))
    stayer = asyncio.create_task(gathered.told(project))
    await asyncio.sleep(0)
    leaver.cancel()
    go.set()

    assert await stayer is not None
    with pytest.raises(asyncio.CancelledError):
        await leaver


def _told(project_id: UUID, version: int) -> Told:
    return Told(
        project_id=project_id,
        user_id="ann",
        version=version,
        body=b"{}",
        etag='"x"',
        stalled=False,
        restless=False,
    )
