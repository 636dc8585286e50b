"""A worker that stops: it takes nothing more, finishes what fits, hands the rest to others."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from support.waiting import eventually
from support.workers import Working, ordered, working

from shared.messages.control import StopRun
from shared.messaging.publisher import Publisher
from shared.messaging.topology import CONTROL, command_queue

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


@pytest.mark.parametrize(("finish", "made"), [(True, 1), (False, 0)], ids=["failed", "cancelled"])
async def test_what_is_at_work_for_a_closed_run_ends_at_once_unless_it_may_finish(
    rabbitmq_url: str, tmp_path: Path, *, finish: bool, made: int
) -> None:
    async with (
        Publisher(rabbitmq_url, name="tests") as publisher,
        working(rabbitmq_url, tmp_path) as one,
    ):
        one.stage.gate.clear()
        first, second = await ordered(publisher), await ordered(publisher)
        await eventually(lambda: one.begun == 2)
        for command, may in ((first, finish), (second, False)):
            order = StopRun(meta=command.meta, finish=may)
            body = order.model_dump_json().encode()
            name = str(uuid4())
            await publisher.publish(CONTROL, "", body, kind=order.type, message_id=name)
        third = await ordered(publisher)
        await eventually(lambda: one.begun == 3)  # in the place of one that was stopped

        one.stage.gate.set()

        await eventually(lambda: one.stage.made[third.meta.task_id] == 1)
        await eventually(lambda: one.stage.made[first.meta.task_id] == made)
        assert one.stage.made[second.meta.task_id] == 0


async def _takes_nothing(one: Working) -> bool:
    return not await one.worker.consuming()
