"""Users who change their minds at every moment."""

import asyncio
import time
from collections import Counter
from math import inf

import httpx
import pytest
from support.faults.customer import BASE, Customer
from support.faults.trial import trial
from support.faults.world import World
from support.waiting import eventually

from shared.store import tables

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="session")]

MOMENTS = 24
STEP_S = 0.15
CLICKS = 50
KNOWN_S = 2


@pytest.fixture
async def http() -> httpx.AsyncClient:
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        yield client


async def test_cancelled_at_every_moment(world: World, http: httpx.AsyncClient) -> None:
    async def change_mind(customer: Customer, number: int) -> str:
        await customer.order(http)
        await world.last(number * STEP_S)
        answer = await customer.said(http, "POST", f"{customer.at}/cancel")
        if answer.is_success:
            customer.cancelled_at = time.time()
        await customer.follow(http)
        return "cancelled" if answer.is_success else answer.json()["code"]

    async with trial(world, "cancelled at every moment", customers=0) as this:
        this.customers = world.customers(MOMENTS)
        came = await asyncio.gather(*map(change_mind, this.customers, range(MOMENTS)))
        this.over()

    assert set(came) <= {"cancelled", "already_finished"}
    assert Counter(came)["cancelled"] > MOMENTS / 4, "most moments were before the end"
    runs = Counter(
        row["state"] for row in await world.rows(tables.runs)
        if str(row["project_id"]) in {one.project for one in this.customers}
    )  # fmt: skip
    assert runs["cancelled"] == Counter(came)["cancelled"]
    minds = {one.name: one.cancelled_at for one in this.customers if one.cancelled_at}
    late = [call for call in world.calls() if call["at"] > minds.get(call["about"], inf) + KNOWN_S]
    assert late == [], "nothing is paid for once the cancel is known"


async def test_edited_and_deleted_while_it_is_produced(
    world: World, http: httpx.AsyncClient
) -> None:
    async with trial(world, "edited and deleted while produced", customers=0) as this:
        this.customers = editor, leaver = world.customers(2)
        await asyncio.gather(editor.order(http), leaver.order(http))
        await eventually(lambda: _producing(editor, http), within=60, every=0.1)
        view = (await http.get(f"{editor.urls[0]}{BASE}{editor.at}")).json()
        edit = await http.put(
            f"{editor.urls[0]}{BASE}{editor.at}/script",
            json={"title": "别的", "scenes": [{"narration": "别的话。"}]},
            headers={"If-Match": f'"{view["scriptVersion"]}"'},
        )
        leaver.deleted = True
        gone = await leaver.said(http, "DELETE", leaver.at)
        await editor.follow(http)
        this.over()

    assert (edit.status_code, edit.json()["code"]) == (409, "run_active")
    assert gone.is_success
    assert editor.ended == "EDITING"


async def test_fifty_clicks_at_once_open_one_run(world: World, http: httpx.AsyncClient) -> None:
    async with trial(world, "50 parallel generates", customers=0) as this:
        [customer] = this.customers = world.customers(1)
        await customer.order(http, autoProduce=False)

        answers = await asyncio.gather(
            *(customer.said(http, "POST", f"{customer.at}/script") for _ in range(CLICKS))
        )

        await customer.follow(http)
        this.over()

    opened = {answer.json()["runId"] for answer in answers if answer.is_success}
    late = {answer.json()["code"] for answer in answers if not answer.is_success}
    assert len(opened) == 1
    assert late <= {"script_exists"}


async def _producing(customer: Customer, http: httpx.AsyncClient) -> bool:
    status = await customer.status(http)
    return status is not None and status["status"] in {"GENERATING_AUDIO", "GENERATING_VIDEO"}
