"""Each service killed, stopped and frozen at each moment of its work, with a second one beside
it: nothing is lost, nothing is paid for twice, nobody waits for ever.
"""

import asyncio
import os
import signal

import pytest
from support.faults.trial import trial
from support.faults.world import SERVICES, World
from support.stack import artifacts_made

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="session")]

FROZEN_S = 3
MOMENTS = [
    *(("script-worker", f"worker.{what}@script") for what in ("started", "committed", "stated")),
    *(
        ("media-worker", f"worker.{what}@{stage}")
        for stage in ("voice", "clip", "assembly")
        for what in ("started", "working", "committed", "stated")
    ),
    ("projector", "projector.received"),
    ("projector", "projector.locked"),
    ("projector", "projector.committed"),
    ("api", "api.committed"),
    ("notifier", "notifier.kept"),
]
LEASED = [("projector", "relay.published"), ("api", "relay.published")]  # 15 s; test_relay.py
PAYING = [  # nobody knows what came of it, so its user is asked: 30 s
    ("script-worker", "call.opened"),
    ("script-worker", "call.answered"),
    ("media-worker", "call.opened"),
    ("media-worker", "call.answered"),
]
KILLED = [  # real renders: test_crashes.py; paid calls: test_killed_visuals.py, test_receipts.py
    *(("script-worker", f"worker.{what}@script") for what in ("started", "committed", "stated")),
    ("media-worker", "worker.working@clip"),
    ("media-worker", "worker.stated@assembly"),
    *(("projector", f"projector.{what}") for what in ("received", "locked", "committed")),
    ("api", "api.committed"),
    ("notifier", "notifier.kept"),
]
STOPPED = [("media-worker", "worker.working@clip"), ("api", "api.committed")]
FROZEN = [("projector", "projector.received")]


def but_long(*, quick: list[tuple[str, str]]) -> list:
    """All moments; those that are not ``quick`` only in the long run."""
    return [
        pytest.param(*moment, marks=() if moment in quick else pytest.mark.long)
        for moment in [*MOMENTS, *LEASED, *PAYING]
    ]


@pytest.mark.parametrize(
    ("service", "point"),
    but_long(quick=KILLED),
)
async def test_killed_at_a_named_moment(world: World, service: str, point: str) -> None:
    mark = world.arm(service, point, signal.SIGKILL)
    before = artifacts_made(world.stack)

    async with trial(world, f"kill −9: {service}, {point}") as this:
        await world.hit(mark)
        this.over()

    made = artifacts_made(world.stack) - before
    assert made
    assert set(made.values()) == {1}, "nothing was made twice"
    assert not made.keys() & before.keys()


@pytest.mark.parametrize(("service", "point"), but_long(quick=STOPPED))
async def test_told_to_stop_at_a_named_moment(world: World, service: str, point: str) -> None:
    mark = world.arm(service, point, signal.SIGTERM)

    async with trial(world, f"SIGTERM: {service}, {point}") as this:
        await world.hit(mark)
        this.over()


@pytest.mark.parametrize(("service", "point"), but_long(quick=FROZEN))
async def test_frozen_for_a_while_at_a_named_moment(world: World, service: str, point: str) -> None:
    mark = world.arm(service, point, signal.SIGSTOP)

    async with trial(world, f"SIGSTOP {FROZEN_S} s: {service}, {point}") as this:
        pid = await world.hit(mark)
        await world.last(FROZEN_S)
        os.kill(pid, signal.SIGCONT)
        this.over()


@pytest.mark.long
async def test_every_process_is_restarted_in_turn_while_customers_order(world: World) -> None:
    async with trial(world, "rolling restart", customers=8) as this:
        for service in SERVICES:
            for name in world.names(service):
                before = world.stack.pid(name)
                await world.stack.kill(name, signal.SIGTERM)
                await asyncio.wait_for(world.stack.wait_ready(), 60)
                assert world.stack.pid(name) != before
        this.over()
