"""What a job's paid calls came to."""

import asyncio

from shared.artifacts.calls import Charge
from shared.artifacts.spending import count, counted


async def test_calls_of_one_job_are_added_up_and_those_of_another_are_not() -> None:
    async def job(*calls: tuple[Charge, float]):
        spent = counted()
        await asyncio.gather(*(asyncio.to_thread(count, how, {"s": cost}) for how, cost in calls))
        return spent

    one, other = await asyncio.gather(
        job((Charge.YES, 1.5), (Charge.NO, 0.0), (Charge.YES, 2.0)), job((Charge.UNKNOWN, 0.0))
    )

    assert (one.charge, one.cost) == (Charge.YES, {"s": 3.5})
    assert other.charge is Charge.UNKNOWN


def test_a_call_outside_of_any_job_is_counted_nowhere() -> None:
    count(Charge.YES, {"s": 1.0})
