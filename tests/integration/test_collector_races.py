"""What comes back to use while the collector is at work, and who else may collect."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine
from support.collecting import FREE, Place, placed
from support.moto_server import bucket_settings
from support.waiting import eventually

from projector.collector.collector import Collector
from shared.artifacts.inventory import Inventory
from shared.artifacts.store import ArtifactStore
from shared.messages.manifest import Manifest
from shared.store import collecting, tables


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Place]:
    async with placed(database_url, tmp_path) as place:
        yield place


async def test_what_came_back_to_use_loses_its_mark(place: Place) -> None:
    made = await place.orphan()
    await place.collect()
    await place.pass_time(5)
    upload = {"id": uuid4(), "user_id": "ann", "kind": "music"}
    blob = made.blobs["audio"].model_dump()
    async with place.engine.begin() as conn:
        await conn.execute(tables.uploads.insert().values(**upload, blob=blob))
    await place.collect()
    async with place.engine.begin() as conn:
        await conn.execute(tables.uploads.delete())

    await place.pass_time(3)

    assert (await place.collect()).due == [f"{FREE}.json"]
    assert await place.artifacts.has(made.blobs["audio"])


async def test_a_worker_that_makes_the_same_bytes_again_keeps_them(place: Place) -> None:
    made = await place.orphan()
    await place.collect()
    await place.pass_time(8)

    again = await place.artifacts.put_bytes(b"sound", ".wav", "audio/wav")
    report = await place.collect()

    assert again == made.blobs["audio"]
    assert report.due == [f"{FREE}.json"]
    assert await place.artifacts.has(again)


async def test_what_is_referred_to_between_the_listing_and_the_removal_is_spared(
    place: Place,
) -> None:
    """A reference that commits while the pass runs is seen under the lock."""
    made = await place.orphan()
    await place.collect()
    await place.pass_time(8)
    upload = {"id": uuid4(), "user_id": "ann", "kind": "music"}
    blob = made.blobs["audio"].model_dump()
    async with place.engine.begin() as writer:
        await collecting.sharing(writer)
        await writer.execute(tables.uploads.insert().values(**upload, blob=blob))
        collecting_now = asyncio.create_task(place.collect())
        await eventually(lambda: _waiting_for_the_lock(place.engine))

    report = await collecting_now

    assert report.due == [f"{FREE}.json"]
    assert await place.artifacts.has(made.blobs["audio"])


async def test_an_opening_that_saw_what_is_removed_looks_again(place: Place) -> None:
    """The look finds a finished voice, then it is removed, then the run opens: it is made anew."""
    first = await place.driver.with_video()
    async with place.engine.begin() as conn:  # another project wants the very same artifacts
        script = select(tables.projects.c.script).where(tables.projects.c.id == UUID(first))
        values = {"script": (await conn.execute(script)).scalar_one(), "script_version": 1}
        project = UUID(await place.driver.created())
        own = tables.projects.c.id == project
        await conn.execute(update(tables.projects).where(own).values(**values))
        for table in ("tasks", "runs"):
            await conn.execute(text(f"DELETE FROM {table}"))
        await conn.execute(tables.projects.delete().where(~own))
    looked, gone = asyncio.Event(), asyncio.Event()
    find = place.artifacts.find
    seen: list[str] = []

    async def slow_find(key: str) -> Manifest | None:
        found = await find(key)
        if found is not None and key.startswith("clip/") and not gone.is_set():
            looked.set()
            await gone.wait()
        if found is not None:
            seen.append(key)
        return found

    place.driver.artifacts.find = slow_find  # type: ignore[method-assign]
    opening = asyncio.create_task(place.driver.post(f"/projects/{project}/production"))
    await looked.wait()
    report = await place.week()
    gone.set()

    answer = await opening

    assert any(path.startswith("voice/") for path in report.due)
    assert any(key.startswith("voice/") for key in seen)
    assert (answer.json()["reused"], answer.json()["toMake"]) == (0, 3)
    held = await place.driver.held(str(project))
    assert not any(task.reused for task in held.run.tasks)


async def test_one_process_collects_at_a_time(place: Place) -> None:
    await place.orphan()
    async with place.engine.connect() as conn:
        await conn.execute(text("SELECT pg_advisory_lock(730522901169)"))

        other = await place.collect()
        await conn.execute(text("SELECT pg_advisory_unlock_all()"))

    assert not other.ran
    assert (await place.collect()).ran


async def test_a_dry_run_tells_and_changes_nothing(
    place: Place, database_url: str, tmp_path: Path
) -> None:
    await place.orphan()
    await place.collect()
    await place.pass_time(8)
    before = await place.paths()

    said = await asyncio.to_thread(_collect_by_hand, database_url, place.root)

    assert "2 manifests and files; nothing refers to 2 of them" in said
    assert f"  {FREE}.json" in said
    assert await place.paths() == before


async def test_a_bucket_is_collected_as_a_folder_is(place: Place, s3_server: str) -> None:
    """The age of objects is the server's word, so here the limit moves instead of the clock."""
    settings = await bucket_settings(s3_server)
    place.artifacts = ArtifactStore.at(settings.artifacts_url, settings)
    place.inventory = Inventory.at(settings.artifacts_url, settings)
    made = await place.orphan()
    await place.artifacts.mark_closed(uuid4())
    await place.collect()
    young = await place.week()

    class Late(Collector):
        async def _limits(self, conn: Any) -> dict[bool, datetime]:
            return dict.fromkeys((True, False), datetime.now(UTC) + timedelta(minutes=1))

    await place.pass_time(8)
    report = await Late(place.engine, place.inventory).collect()

    assert young.due == []
    assert report.due == []
    await place.pass_time(8)
    report = await Late(place.engine, place.inventory).collect()
    assert set(report.due) == {f"{FREE}.json", made.blobs["audio"].path}
    assert {path.split("/")[0] for path in await place.paths()} == {"control"}


async def _waiting_for_the_lock(engine: AsyncEngine) -> bool:
    async with engine.connect() as conn:
        query = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool((await conn.execute(query)).scalar())


def _collect_by_hand(database_url: str, root: Path) -> str:
    env = {**os.environ, "DATABASE_URL": database_url, "ARTIFACTS_URL": f"file://{root}"}
    command = [sys.executable, "-m", "projector.collect", "--dry-run"]
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
