"""A worker that stops: it takes nothing more, finishes what fits, hands the rest to others."""

import asyncio
from pathlib import Path

from support.waiting import eventually
from support.workers import Working, ordered, working

from shared.messaging.publisher import Publisher
from shared.messaging.topology import command_queue

QUEUE = command_queue("script")


async def test_while_one_drains_new_work_goes_to_the_others_at_once(
    rabbitmq_url: str, tmp_path: Path
) -> None:
    async with (
        Publisher(rabbitmq_url, name="tests") as publisher,
        working(rabbitmq_url, tmp_path, grace_s=30) as first,
    ):
        first.stage.gate.clear()
        await ordered(publisher)
        await eventually(lambda: first.begun == 1)
        first.stop.set()
        await eventually(lambda: _takes_nothing(first))

        async with working(rabbitmq_url, tmp_path) as second:
            new = await ordered(publisher)
            await eventually(lambda: second.stage.made[new.meta.task_id] == 1, within=3)

            assert not first.running.done(), "the first one still finishes what it had"
            first.stage.gate.set()
            await first.running
        assert (first.begun, sum(first.stage.made.values()), second.begun) == (1, 1, 1)


async def test_what_does_not_fit_into_the_grace_is_done_by_another(
    rabbitmq_url: str, tmp_path: Path
) -> None:
    async with (
        Publisher(rabbitmq_url, name="tests") as publisher,
        working(rabbitmq_url, tmp_path, grace_s=0.2) as first,
    ):
        first.stage.gate.clear()
        command = await ordered(publisher)
        await eventually(lambda: first.begun == 1)
        async with working(rabbitmq_url, tmp_path) as second:
            first.stop.set()

            await eventually(lambda: second.stage.made[command.meta.task_id] == 1)

            await asyncio.wait_for(first.running, 5)
        assert sum(first.stage.made.values()) == 0
        assert await publisher.depth(QUEUE) == (0, 0)
        assert await publisher.depth(f"{QUEUE}.dead") == (0, 0)


async def _takes_nothing(one: Working) -> bool:
    return not await one.worker.consuming()
