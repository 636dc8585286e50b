"""What a job's paid calls came to."""

import asyncio

from shared.artifacts.calls import Charge
from shared.artifacts.spending import Spent, count, counted

Said = tuple[str, Charge, float]


async def job(*calls: Said) -> Spent:
    spent = counted()
    for name, how, cost in calls:
        await asyncio.to_thread(count, name, how, {"s": cost})
    return spent


async def test_calls_of_one_job_are_added_up_and_those_of_another_are_not() -> None:
    one, other = await asyncio.gather(
        job(("a", Charge.YES, 1.5), ("b", Charge.NO, 0.0), ("c", Charge.YES, 2.0)),
        job(("a", Charge.UNKNOWN, 0.0)),
    )

    assert (one.charge, one.cost) == (Charge.YES, {"s": 3.5})
    assert other.charge is Charge.UNKNOWN


async def test_a_call_that_is_found_again_counts_once_and_as_it_stands_now() -> None:
    spent = await job(("a", Charge.UNKNOWN, 0.0), ("a", Charge.YES, 2.0), ("a", Charge.YES, 2.0))

    assert (spent.charge, spent.cost) == (Charge.YES, {"s": 2.0})


async def test_one_that_may_have_been_charged_weighs_more_than_those_that_are_known() -> None:
    spent = await job(("a", Charge.NO, 0.0), ("b", Charge.UNKNOWN, 0.0), ("c", Charge.YES, 2.0))

    assert (spent.charge, spent.cost) == (Charge.UNKNOWN, {"s": 2.0})


def test_a_call_outside_of_any_job_is_counted_nowhere() -> None:
    count("a", Charge.YES, {"s": 1.0})
