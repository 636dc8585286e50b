"""A frozen process: shown as stalled in time, its work taken up by another, and what it says when
it wakes up changes nothing.
"""

import os
import signal
import time
from typing import Any

import pytest
from support.faults.trial import Trial, trial
from support.faults.world import World
from support.waiting import eventually

from shared.store import tables

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="session")]

SHOWN_S = 20
FROZEN = [
    pytest.param("media-worker", "worker.working@clip", id="media-worker"),
    pytest.param(
        "script-worker", "call.opened", id="script-worker, in a paid call", marks=pytest.mark.long
    ),
    pytest.param("media-worker", "worker.committed@voice", id="voice", marks=pytest.mark.long),
    pytest.param("media-worker", "worker.stated@assembly", id="assembly", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("service", "point"), FROZEN)
async def test_frozen_work_is_taken_up_elsewhere_and_its_late_facts_are_fenced(
    world: World, service: str, point: str
) -> None:
    mark = world.arm(service, point, signal.SIGSTOP)

    async with trial(world, f"frozen until others are done: {service}, {point}") as this:
        pid = await world.hit(mark)
        began = time.monotonic()
        try:
            if "working" in point:
                await eventually(lambda: _stalled(this), within=SHOWN_S)
                assert time.monotonic() - began < SHOWN_S, "shown in time"
            await eventually(lambda: all(one.ended for one in this.customers), within=200)
            settled = await _tasks(world, this)
        finally:
            os.kill(pid, signal.SIGCONT)
        this.over()

    assert await _tasks(world, this) == settled, "what it said late changed nothing"


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("projector.locked", id="with the locks held", marks=pytest.mark.long),
        pytest.param("projector.received", id="with facts in hand", marks=pytest.mark.long),
        pytest.param("projector.committed", id="before the ack", marks=pytest.mark.long),
    ],
)
async def test_a_frozen_projector_holds_nobody_up_for_long(world: World, point: str) -> None:
    mark = world.arm("projector", point, signal.SIGSTOP)

    async with trial(world, f"frozen until others are done: projector, {point}") as this:
        pid = await world.hit(mark)
        try:
            await eventually(lambda: all(one.ended for one in this.customers), within=200)
        finally:
            os.kill(pid, signal.SIGCONT)
        this.over()


def _stalled(this: Trial) -> bool:
    return any(one.seen and one.seen[-1]["stalled"] for one in this.customers)


async def _tasks(world: World, this: Trial) -> dict[Any, Any]:
    known = {one.project for one in this.customers}
    return {
        row["id"]: (row["state"], row["attempt"], row["dispatch"], row["manifest"])
        for row in await world.rows(tables.tasks)
        if str(row["project_id"]) in known
    }
