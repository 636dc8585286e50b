"""Three RabbitMQ nodes: the one that leads a queue is killed, frozen, and cut off under traffic; no
confirmed message is lost, and work goes on.
"""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from support.faults.cluster import Cluster, Node
from support.faults.trial import LEDGER, Trial, trial
from support.faults.world import KEPT, World
from support.waiting import eventually

from shared.store import tables

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="session"),
]

QUEUE = "media-worker.clip"
CUSTOMERS = 8
GOES_ON_S = 30  # 5 on a machine of its own


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def clustered(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder: Path = tmp_path_factory.mktemp("cluster")
    world = World(folder, replicas=2, rabbitmq=Cluster(folder / "rabbitmq", kept=KEPT))
    await world.start()
    yield world
    await world.stop()


@pytest.mark.parametrize("how", ["killed", "frozen", "cut off"])
async def test_the_leader_of_a_queue_is_lost_under_traffic(clustered: World, how: str) -> None:
    cluster = clustered.rabbitmq
    assert isinstance(cluster, Cluster)
    leader = await cluster.leader(QUEUE)
    async with trial(clustered, f"leader of {QUEUE} {how}", customers=CUSTOMERS) as this:
        await eventually(lambda: _clips(clustered, this, 1), within=60)
        await _lose(cluster, leader, how)
        before, lost_at = await _finished(clustered, this), time.monotonic()
        await eventually(lambda: _clips(clustered, this, before + 1), within=GOES_ON_S)
        took = time.monotonic() - lost_at
        LEDGER.enter(f"{how}: until the next clip", projects=0, found=Counter(), recover_s=took)
        await clustered.last(15)
        await _bring_back(cluster, leader, how)
        this.over()


async def _lose(cluster: Cluster, leader: Node, how: str) -> None:
    if how == "killed":
        await leader.kill()
    elif how == "frozen":
        leader.send(signal.SIGSTOP)
        cluster.balancer.avoided = frozenset({leader})
    else:
        await leader.cut_off()


async def _bring_back(cluster: Cluster, leader: Node, how: str) -> None:
    """A node that was frozen past the tick stays a cluster of its own: the runbook restarts it."""
    if how == "frozen":
        leader.send(signal.SIGCONT)
        await leader.kill()
    cluster.balancer.avoided = frozenset()
    if how == "cut off":
        await leader.heal()
    else:
        await asyncio.wait_for(leader.start(), 180)


async def _finished(world: World, this: Trial) -> int:
    """How many clips are done."""
    known = {one.project for one in this.customers}
    return sum(
        row["stage"] == "clip" and row["state"] == "done" and str(row["project_id"]) in known
        for row in await world.rows(tables.tasks)
    )


async def _clips(world: World, this: Trial, wanted: int) -> bool:
    return await _finished(world, this) >= wanted
