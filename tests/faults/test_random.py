"""Faults of any kind at any moment, for long, while customers never stop ordering."""

import asyncio
import sys
import time
from collections import Counter
from random import Random, SystemRandom

import httpx
import pytest
from support.faults.chance import Fault, MissedError, faults
from support.faults.customer import Customer
from support.faults.trial import LEDGER, Trial, judge
from support.faults.world import SERVICES, World

from shared.store import tables

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(7_200),
    pytest.mark.asyncio(loop_scope="session"),
]

CUSTOMERS = 6  # at any time
FAULTS, PROJECTS, PER_SERVICE = 60, 200, 20
PATIENCE_S = 600


async def test_whatever_happens(
    world: World, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = pytestconfig.getoption("--seed")
    seed = SystemRandom().randrange(1_000_000) if asked is None else asked
    minutes = pytestconfig.getoption("--minutes")
    with capsys.disabled():
        sys.stdout.write(f"\nmake faults LONG=1 SEED={seed} MINUTES={minutes:g}\n")
        sys.stdout.flush()
    before = len(await world.rows(tables.dead_letters))
    this = Trial(world=world, customers=[])
    try:
        happened = await _everything(this, Random(seed), minutes)
        this.over()
        name = f"all of it, seed {seed}, {minutes:g} min, {happened.total()} faults"
        await judge(this, name, before)
    except BaseException:
        world.broken = True
        raise
    assert len(this.customers) >= PROJECTS * min(1, minutes / 20)
    assert happened.total() >= FAULTS * min(1, minutes / 20)
    assert min(happened[one] for one in SERVICES) >= PER_SERVICE * min(1, minutes / 20)


async def _everything(this: Trial, chance: Random, minutes: float) -> Counter[str]:
    """Until time is up, and every service was hit often enough; then nobody orders any more."""
    happened: Counter[str] = Counter()
    deadline = time.monotonic() + 60 * minutes
    enough = PER_SERVICE * min(1, minutes / 20)
    closed = asyncio.Event()
    async with asyncio.TaskGroup() as buying:
        for number in range(CUSTOMERS):
            buying.create_task(_ordering(this, Random(chance.random() + number), closed))
        while time.monotonic() < deadline or min(happened[one] for one in SERVICES) < enough:
            for fault in faults(chance):
                happened[fault.about] += await _happens(this, fault)
        this.over()
        closed.set()
    return happened


async def _happens(this: Trial, fault: Fault) -> bool:
    """Whether it did; the time until every process is ready again goes into the table."""
    try:
        this.buried += await fault.happen(this.world)
    except MissedError:
        return False
    began = time.monotonic()
    await this.world.stack.wait_ready(within_s=180)
    took = time.monotonic() - began
    LEDGER.enter(fault.name, projects=0, found=Counter(), recover_s=took)
    return True


async def _ordering(this: Trial, chance: Random, closed: asyncio.Event) -> None:
    """One after the other; some change their minds."""
    async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
        while not closed.is_set():
            customer = Customer(urls=this.world.urls, retries_left=20)
            await customer.order(http)
            this.customers.append(customer)
            if chance.random() < 0.1:
                await this.world.last(chance.uniform(0, 5))
                await customer.said(http, "POST", f"{customer.at}/cancel")
            await customer.follow(http, within=PATIENCE_S)
