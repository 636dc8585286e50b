"""How many messages become one batch."""

import asyncio
from contextlib import suppress
from typing import Any

from projector.intake import PREFETCH, Intake

INTAKE = Intake("amqp://nowhere", engine=None, applied=lambda _: None)  # type: ignore[arg-type]


def arrived(count: int) -> asyncio.Queue[Any]:
    deliveries: asyncio.Queue[Any] = asyncio.Queue()
    for number in range(count):
        deliveries.put_nowait(number)
    return deliveries


async def test_one_alone_waits_for_no_other() -> None:
    deliveries = arrived(1)
    gathering = asyncio.create_task(INTAKE._gathered(deliveries))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert gathering.done()
    assert gathering.result() == [0]


async def test_of_several_those_belong_to_them_that_come_right_after() -> None:
    deliveries = arrived(2)
    gathering = asyncio.create_task(INTAKE._gathered(deliveries))
    await asyncio.sleep(0)
    deliveries.put_nowait(2)

    assert await gathering == [0, 1, 2]


async def test_a_steady_trickle_holds_up_no_batch_and_loses_nothing() -> None:
    deliveries = arrived(2)

    async def trickle() -> None:
        for number in range(2, PREFETCH):
            deliveries.put_nowait(number)
            await asyncio.sleep(0.001)

    trickling = asyncio.create_task(trickle())
    first = await INTAKE._gathered(deliveries)
    assert not trickling.done(), "the batch waited for all of it"
    await trickling

    seen = list(first)
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            while len(seen) < PREFETCH:
                seen += await INTAKE._gathered(deliveries)
    assert seen == list(range(PREFETCH))


async def test_no_batch_is_larger_than_what_the_broker_hands_out_at_once() -> None:
    deliveries = arrived(PREFETCH + 5)

    assert await INTAKE._gathered(deliveries) == list(range(PREFETCH))
    assert len(await INTAKE._gathered(deliveries)) == 5


async def test_a_lost_connection_drops_what_it_brought() -> None:
    deliveries = arrived(2)
    deliveries.put_nowait(None)

    assert await INTAKE._gathered(deliveries) == []
