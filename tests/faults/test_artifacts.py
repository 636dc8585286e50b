"""The artifact store full, read-only, gone, and with holes in it."""

from pathlib import Path

import httpx
import pytest
from support.faults.customer import BASE, Customer
from support.faults.trial import Trial, trial
from support.faults.world import World
from support.waiting import eventually

from shared.messages.manifest import Manifest
from shared.store import tables

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="session")]

LASTS_S = 5


@pytest.mark.parametrize(
    "how",
    ["fill", *(pytest.param(how, marks=pytest.mark.long) for how in ("lock", "remove"))],
)
async def test_it_takes_nothing_for_a_while(world: World, how: str) -> None:
    said = {"fill": "full", "lock": "read-only", "remove": "away"}[how]
    async with trial(world, f"artifact store {said} for {LASTS_S} s", customers=3) as this:
        await eventually(lambda: _ordered(this), within=60)
        getattr(world.disk, how)()
        try:
            await world.last(LASTS_S)
        finally:
            world.disk.heal()
        this.over()

    assert {one.ended for one in this.customers} == {"EDITING"}
    assert sum(one.second_charges for one in this.customers) == 0, "what was paid for was kept"


@pytest.mark.parametrize("how", ["truncated", "deleted"])
async def test_a_clip_spoilt_underneath_is_made_anew(world: World, how: str) -> None:
    async with trial(world, f"a clip {how} underneath", customers=1) as this:
        [customer] = this.customers
        file = await eventually(lambda: _clip_file(world, customer), within=60, every=0.05)
        _spoil(file, how)
        this.over()

    assert customer.ended == "EDITING"
    assert customer.playable


@pytest.mark.parametrize("how", ["truncated", "deleted"])
async def test_a_spoilt_video_is_never_served(world: World, how: str) -> None:
    async with (
        httpx.AsyncClient(timeout=10, trust_env=False) as http,
        trial(world, f"a finished video {how} underneath", customers=0) as this,
    ):
        [customer] = this.customers = world.customers(1)
        await customer.order(http)
        await customer.follow(http)
        _spoil(await _file(world, customer, "assembly"), how)
        this.over()

        answer = await http.get(f"{customer.urls[0]}{BASE}{customer.at}/artifacts/video.mp4")

    assert answer.status_code in {404, 409, 410, 503}, answer.headers


def _spoil(file: Path, how: str) -> None:
    if how == "deleted":
        file.unlink()
    else:
        with file.open("r+b") as body:
            body.truncate(file.stat().st_size // 2)


async def _clip_file(world: World, customer: Customer) -> Path | None:
    """The first finished clip, before the video is put together."""
    return await _file(world, customer, "clip")


async def _file(world: World, customer: Customer, stage: str) -> Path | None:
    for row in await world.rows(tables.tasks):
        mine = str(row["project_id"]) == customer.project and row["stage"] == stage
        if mine and row["manifest"] is not None:
            blob = Manifest.model_validate(row["manifest"]).blobs["video"]
            return world.folder / "artifacts" / blob.path
    return None


def _ordered(this: Trial) -> bool:
    return all(one.seen for one in this.customers)
