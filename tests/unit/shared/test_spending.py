"""What a job's paid calls came to."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from obstore.store import MemoryStore
from support.clocks import HastyClock, ManualClock
from support.paying import Provider, a_ticket, not_charged

from shared.artifacts.calls import CallFailedError, Charge
from shared.artifacts.receipts import PaidCalls
from shared.artifacts.spending import Spent, count, counted
from shared.artifacts.store import ArtifactStore
from shared.errors import StageError

Said = tuple[str, Charge, float]


@pytest.fixture
def store() -> ArtifactStore:
    return ArtifactStore(MemoryStore())


def worker(store: ArtifactStore, clock: Any = None) -> PaidCalls:
    return PaidCalls(store, clock or HastyClock())


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


async def test_what_one_run_has_paid_for_is_told_by_that_one_alone(store: ArtifactStore):
    provider = Provider()
    first = counted()
    await worker(store).once(a_ticket(), provider.call)
    await worker(store).once(a_ticket(), provider.call)
    second = counted()

    await worker(store).once(a_ticket(run_id=uuid4()), provider.call)

    assert (first.charge, first.cost) == (Charge.YES, {"tokens": 7})
    assert (second.charge, second.cost) == (Charge.NO, {})


async def test_what_nobody_knows_is_told_by_every_run_that_meets_it(store: ArtifactStore):
    provider = Provider(failures=[RuntimeError("a bug")])
    with pytest.raises(RuntimeError):
        await worker(store).once(a_ticket(), provider.call)
    later = counted()

    with pytest.raises(StageError):
        await worker(store, ManualClock()).once(a_ticket(run_id=uuid4()), provider.call)

    assert later.charge is Charge.UNKNOWN


async def test_a_job_that_an_earlier_authorisation_ordered_counts_once(store: ArtifactStore):
    provider = Provider(job="job-1")
    await store.create_note(a_ticket().path("sending", 0), b"a worker that died")
    await store.create_note(a_ticket().path("job", 0), b"job-1")
    spent = counted()

    await worker(store).once(a_ticket(authorisation=1), provider.job_call)

    assert (spent.charge, spent.cost) == (Charge.YES, {"tokens": 7})
    assert provider.attached == ["job-1"]


async def test_a_run_that_pays_again_does_not_tell_the_unknown_of_the_one_before(
    store: ArtifactStore,
):
    provider = Provider(failures=[not_charged()])
    await store.create_note(a_ticket().path("sending", 0), b"a worker that died")
    spent = counted()

    with pytest.raises(CallFailedError):
        await worker(store).once(a_ticket(authorisation=1), provider.call)

    assert spent.charge is Charge.NO


async def test_a_call_that_may_have_been_charged_is_told_though_one_before_it_was_refused(
    store: ArtifactStore,
):
    provider = Provider(failures=[not_charged(), RuntimeError("a bug")])
    spent = counted()

    with pytest.raises(RuntimeError):
        await worker(store).retried(a_ticket(), provider.call)

    assert spent.charge is Charge.UNKNOWN
