"""One fault, tried out: customers order, the fault happens, all must come to a good end; what came
of it is entered in the ledger.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from support.faults.customer import Customer
from support.faults.invariants import violations
from support.faults.world import World
from support.waiting import eventually

from shared.store import tables


@dataclass(slots=True, kw_only=True)
class Entry:
    """A line of the table. ``recover_s``: from the end of the fault until the last customer had an
    end and everything was quiet again; the longest of all times.
    """

    fault: str
    times: int = 0
    projects: int = 0
    lost: int = 0
    doubled: int = 0
    hung: int = 0
    wrong: int = 0
    recover_s: float = 0.0


@dataclass(slots=True)
class Ledger:
    """All faults of this session."""

    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])

    def enter(self, fault: str, *, projects: int, found: Counter[str], recover_s: float) -> None:
        entry = self.entries.setdefault(fault, Entry(fault=fault))
        entry.times += 1
        entry.projects += projects
        entry.lost += found["lost"]
        entry.doubled += found["doubled"]
        entry.hung += found["hung"]
        entry.wrong += found["wrong"]
        entry.recover_s = max(entry.recover_s, recover_s)

    def table(self) -> list[str]:
        head = ("fault", "times", "projects", "lost", "doubled", "hung", "wrong", "s to recover")
        rows = [
            (e.fault, e.times, e.projects, e.lost, e.doubled, e.hung, e.wrong, f"{e.recover_s:.1f}")
            for e in self.entries.values()
        ]
        return ["| " + " | ".join(map(str, row)) + " |" for row in (head, ["---"] * 8, *rows)]


LEDGER = Ledger()


@dataclass(slots=True, kw_only=True)
class Trial:
    """``over`` is said when the fault has passed; ``buried``: dead letters that the fault itself
    brings.
    """

    world: World
    customers: list[Customer]
    buried: int = 0
    over_at: float = field(default_factory=time.monotonic)

    def over(self) -> None:
        self.over_at = time.monotonic()


@asynccontextmanager
async def trial(
    world: World, fault: str, *, customers: int = 2, within: float = 240
) -> AsyncIterator[Trial]:
    """Customers order from the start; at the end every one of them has an end, all is quiet, and
    the invariants hold.
    """
    before = len(await world.rows(tables.dead_letters))
    this = Trial(world=world, customers=world.customers(customers))
    try:
        async with asyncio.TaskGroup() as buying:
            for customer in this.customers:
                buying.create_task(customer.buy(within=within))
            yield this
        await judge(this, fault, before)
    except BaseException:
        world.broken = True
        raise


async def judge(this: Trial, fault: str, buried_before: int) -> None:
    """Raises AssertionError that names everything that does not hold."""
    await this.world.quiet()
    with suppress(AssertionError):  # too few are told below, with all else
        await eventually(lambda: _buried(this, buried_before), within=20, every=0.3)
    recover_s = time.monotonic() - this.over_at
    evidence = await this.world.evidence(
        this.customers, buried_before=buried_before, expected_buried=this.buried
    )
    found = violations(evidence)
    kinds = Counter[str](violation.kind for violation in found)
    LEDGER.enter(fault, projects=len(this.customers), found=kinds, recover_s=recover_s)
    assert not found, "\n".join(f"{one.kind}: {one.text}" for one in found)


async def _buried(this: Trial, before: int) -> bool:
    return len(await this.world.rows(tables.dead_letters)) - before >= this.buried
