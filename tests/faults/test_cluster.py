"""Three RabbitMQ nodes: the one that leads a queue is killed, frozen, and cut off under traffic; no
confirmed message is lost, and work goes on.
"""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from support.faults.cluster import Cluster, Node
from support.faults.trial import LEDGER, Trial, trial
from support.faults.world import KEPT, World
from support.waiting import eventually

from shared.store import aggregate, tables

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="session"),
]

QUEUE = "media-worker.clip"
CUSTOMERS = 10
GOES_ON_S = {"killed": 5, "frozen": 60, "cut off": 120}


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
        await eventually(lambda: _begun(clustered, this, since=None), within=60)
        since, lost_at = await _now(clustered), time.monotonic()
        await _lose(cluster, leader, how)
        await eventually(lambda: _begun(clustered, this, since=since), within=GOES_ON_S[how])
        took = time.monotonic() - lost_at
        name = f"{how}: until a clip was begun and done"
        LEDGER.enter(name, projects=0, found=Counter(), recover_s=took)
        await clustered.last(10)
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


async def _begun(world: World, this: Trial, *, since: datetime | None) -> bool:
    """Whether a clip is done whose work began after ``since``."""
    known = {one.project for one in this.customers}
    return any(
        row["stage"] == "clip"
        and row["state"] == "done"
        and (since is None or row["started_at"] > since)
        and str(row["project_id"]) in known
        for row in await world.rows(tables.tasks)
    )


async def _now(world: World) -> datetime:
    async with world.engine.connect() as conn:
        return await aggregate.now(conn)
