"""What the collector removes beside artifacts, and what it says that it would."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from support.collecting import FREE, Place, placed


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Place]:
    async with placed(database_url, tmp_path) as place:
        yield place


async def test_the_mark_of_a_failed_preview_goes_after_a_day(place: Place) -> None:
    await place.artifacts.mark_failed(uuid4(), "preview_failed", "no such font")
    await place.pass_time(0.9)
    await place.collect()
    early = await place.paths()
    await place.pass_time(0.2)

    await place.collect()

    assert len(early) == 1
    assert await place.paths() == set()


async def test_a_dry_run_lists_exactly_what_the_pass_then_removes(place: Place) -> None:
    orphan, again = await place.orphan(), await place.orphan(b"other", "voice/" + "b" * 64)
    await place.artifacts.mark_closed(uuid4())
    await place.artifacts.create_note(f"receipt/{'1' * 64}/sending-1", b"{}")
    await place.artifacts.mark_failed(uuid4(), "preview_failed", "no such font")
    await place.collect()
    await place.pass_time(31)
    for path in (f"{again.key}.json", again.blobs["audio"].path):
        os.utime(place.root / path)  # a worker made it anew
    before = await place.paths()

    said = await place.collect(dry=True)
    untouched = await place.paths()
    done = await place.collect()

    assert untouched == before
    assert set(said.due) == set(done.due) == before - await place.paths()
    assert {f"{FREE}.json", orphan.blobs["audio"].path} < set(said.due)
    assert len(said.due) == 5, "with the tombstone, the receipt and the mark"
