"""A paid call is made once among all workers, whatever dies in between."""

import asyncio
from typing import Any

import pytest
from obstore.exceptions import AlreadyExistsError
from obstore.store import MemoryStore
from support.clocks import HastyClock, ManualClock
from support.paying import REPLY, RUN, MortalStore, Provider, a_ticket, not_charged
from support.waiting import eventually

from shared.artifacts.calls import STOPPED, CallFailedError, Charge, Reply
from shared.artifacts.receipts import Call, PaidCalls
from shared.artifacts.store import ArtifactStore
from shared.errors import StageError


@pytest.fixture
def shared() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def store(shared: MemoryStore) -> ArtifactStore:
    return ArtifactStore(shared)


def worker(store: ArtifactStore, clock: Any = None) -> PaidCalls:
    return PaidCalls(store, clock or HastyClock())


async def killed_in_the_call(shared: MemoryStore, provider: Provider, call: Call) -> None:
    """A worker that goes away in the middle of its call, leaving what it had written."""
    mortal = MortalStore.of(shared)
    provider.gate.clear()
    lost = asyncio.create_task(worker(ArtifactStore(mortal), ManualClock()).once(a_ticket(), call))
    await provider.entered.wait()
    noted = ArtifactStore(shared)
    for what in ("beat", "job") if provider.job else ("beat",):
        await eventually(lambda what=what: noted.read_note(a_ticket().path(what, 0)))
    mortal.kill()
    lost.cancel()
    await asyncio.gather(lost, return_exceptions=True)
    provider.gate.set()


async def test_of_many_workers_at_once_one_calls_and_all_get_the_reply(store: ArtifactStore):
    provider = Provider()
    clocks = [ManualClock() for _ in range(6)]
    workers = [
        asyncio.create_task(worker(store, clock).once(a_ticket(), provider.call))
        for clock in clocks
    ]

    await asyncio.gather(*(c.pass_time(25, of=w) for c, w in zip(clocks, workers, strict=True)))

    assert provider.calls == 1
    assert [done.result().blobs for done in workers] == [{"reply": REPLY}] * 6


async def test_a_second_worker_waits_as_long_as_the_beat_changes(store: ArtifactStore):
    provider, mine, theirs = Provider(), ManualClock(), ManualClock()
    provider.gate.clear()
    first = asyncio.create_task(worker(store, mine).once(a_ticket(), provider.call))
    await provider.entered.wait()
    second = asyncio.create_task(worker(store, theirs).once(a_ticket(), provider.call))

    for _ in range(4):
        await theirs.pass_time(28, of=second)
        before = len(mine.slept)
        await mine.pass_time(5, of=first)
        await eventually(lambda before=before: len(mine.slept) > before)
    assert not second.done()
    provider.gate.set()
    await first
    await theirs.pass_time(2, of=second)

    assert (await second).cost == {"tokens": 7}
    assert provider.calls == 1


async def test_a_beat_unchanged_for_thirty_seconds_means_an_unknown_outcome(
    shared: MemoryStore, store: ArtifactStore
):
    provider, clock = Provider(), ManualClock()
    await killed_in_the_call(shared, provider, provider.call)

    second = asyncio.create_task(worker(store, clock).once(a_ticket(), provider.call))
    await clock.pass_time(29, of=second)
    assert not second.done()
    await clock.pass_time(2, of=second)

    with pytest.raises(StageError) as caught:
        await second
    assert caught.value.code == "outcome_unknown"
    assert not caught.value.retryable
    assert provider.calls == 1


async def test_who_agrees_to_pay_again_does_not_wait_for_the_lost_one_a_second_time(
    shared: MemoryStore, store: ArtifactStore
):
    provider, clock = Provider(), ManualClock()
    await killed_in_the_call(shared, provider, provider.call)
    with pytest.raises(StageError):
        await worker(store).once(a_ticket(), provider.call)

    await worker(store, clock).once(a_ticket(authorisation=1), provider.call)

    assert clock.now() == 0
    assert provider.calls == 2


async def test_one_that_was_thought_lost_and_beats_again_is_waited_for(
    shared: MemoryStore, store: ArtifactStore
):
    provider, clock = Provider(), ManualClock()
    await killed_in_the_call(shared, provider, provider.call)
    with pytest.raises(StageError):
        await worker(store).once(a_ticket(), provider.call)
    await store.write_note(a_ticket().path("beat", 0), b"it was only frozen")

    again = asyncio.create_task(worker(store, clock).once(a_ticket(authorisation=1), provider.call))
    await clock.pass_time(29, of=again)

    assert not again.done()
    await clock.pass_time(2, of=again)
    await again
    assert provider.calls == 2


async def test_only_a_greater_authorisation_pays_again(shared: MemoryStore, store: ArtifactStore):
    provider = Provider()
    await killed_in_the_call(shared, provider, provider.call)
    with pytest.raises(StageError):
        await worker(store).once(a_ticket(), provider.call)

    reply = await worker(store).once(a_ticket(authorisation=1), provider.call)

    assert reply.blobs == {"reply": REPLY}
    assert provider.calls == 2


async def test_who_agrees_to_pay_again_does_not_pay_for_what_was_paid_for(store: ArtifactStore):
    provider = Provider()
    first = await worker(store).once(a_ticket(), provider.call)

    again = await worker(store).once(a_ticket(authorisation=2), provider.call)

    assert again == first
    assert provider.calls == 1


async def test_who_agrees_to_pay_again_gets_the_job_that_still_runs(
    shared: MemoryStore, store: ArtifactStore
):
    provider = Provider(job="job-77")
    await killed_in_the_call(shared, provider, provider.job_call)

    await worker(store).once(a_ticket(authorisation=1), provider.job_call)

    assert provider.attached == ["job-77"]
    assert provider.calls == 1


async def test_what_was_surely_not_charged_is_made_under_a_greater_authorisation(
    store: ArtifactStore,
):
    provider = Provider(failures=[not_charged()])
    with pytest.raises(CallFailedError):
        await worker(store).once(a_ticket(), provider.call)

    reply = await worker(store).once(a_ticket(authorisation=1), provider.call)

    assert reply.blobs == {"reply": REPLY}
    assert provider.paid == 1


async def test_a_job_whose_worker_is_gone_is_taken_up_by_its_id(
    shared: MemoryStore, store: ArtifactStore
):
    provider = Provider(job="job-77")
    await killed_in_the_call(shared, provider, provider.job_call)

    reply = await worker(store).once(a_ticket(), provider.job_call)
    again = await worker(store).once(a_ticket(), provider.job_call)

    assert reply == again
    assert provider.attached == ["job-77"]
    assert provider.calls == 1


async def test_a_provider_that_drops_repeats_is_asked_again_with_the_same_key(
    shared: MemoryStore, store: ArtifactStore
):
    provider = Provider()
    call = Call(make=provider.make, repeatable=True)
    await killed_in_the_call(shared, provider, call)

    await worker(store).once(a_ticket(), call)

    assert len(provider.keys) == 2
    assert len(set(provider.keys)) == 1


async def test_what_cost_nothing_is_tried_again_after_the_wished_pause(store: ArtifactStore):
    provider = Provider(failures=[not_charged(again_s=0), not_charged(again_s=20)])
    clock = HastyClock()

    reply = await worker(store, clock).retried(a_ticket(), provider.call)

    assert reply.cost == {"tokens": 7}
    assert provider.calls == 3
    assert [pause for pause in clock.slept if pause != 5] == [1, 20]
    assert len(set(provider.keys)) == 3


async def test_a_hopeless_failure_is_told_once_and_free_of_charge(store: ArtifactStore):
    provider = Provider(failures=[not_charged("provider_key_refused", again_s=None)])

    with pytest.raises(CallFailedError) as caught:
        await worker(store).retried(a_ticket(), provider.call)

    assert caught.value.code == "provider_key_refused"
    assert not caught.value.retryable
    assert provider.calls == 1
    assert await worker(store).once(a_ticket(), provider.call)  # a corrected key may call


async def test_a_failure_that_was_charged_stands_for_every_later_delivery(store: ArtifactStore):
    refusal = CallFailedError("prompt_refused", "no", charge=Charge.YES, cost={"tokens": 3})
    provider = Provider(failures=[refusal])

    for _ in range(2):
        with pytest.raises(CallFailedError) as caught:
            await worker(store).retried(a_ticket(), provider.call)
        assert caught.value.code == "prompt_refused"
        assert caught.value.cost == {"tokens": 3}
        assert not caught.value.retryable

    assert provider.calls == 1


async def under_way(store: ArtifactStore) -> tuple[Provider, asyncio.Task[Reply]]:
    """A call that has begun and is held."""
    provider = Provider()
    provider.gate.clear()
    calling = asyncio.create_task(worker(store, ManualClock()).once(a_ticket(), provider.call))
    await provider.entered.wait()
    return provider, calling


async def test_a_bug_in_a_call_leaves_its_outcome_unknown(store: ArtifactStore):
    provider = Provider(failures=[RuntimeError("a bug")])

    with pytest.raises(RuntimeError):
        await worker(store).retried(a_ticket(), provider.call)
    with pytest.raises(StageError) as caught:
        await worker(store, ManualClock()).once(a_ticket(), provider.call)

    assert caught.value.code == "outcome_unknown"
    assert provider.calls == 1


@pytest.mark.parametrize("finish", [False, True], ids=["cancelled", "failed"])
async def test_a_closed_run_pays_nothing(store: ArtifactStore, *, finish: bool):
    provider = Provider()
    await store.mark_closed(RUN, finish=finish)

    with pytest.raises(StageError) as caught:
        await worker(store).once(a_ticket(), provider.call)

    assert caught.value.code == "run_cancelled"
    assert provider.calls == 0


async def test_a_cancel_during_the_call_keeps_what_was_paid_for(store: ArtifactStore):
    provider, calling = await under_way(store)

    await store.mark_closed(RUN)
    calling.cancel(STOPPED)
    await asyncio.wait([calling], timeout=0.05)
    calling.cancel(STOPPED)
    provider.gate.set()

    assert (await calling).cost == {"tokens": 7}
    later = a_ticket(run_id=a_ticket().run_id.__class__(int=1))
    assert (await worker(store).once(later, provider.call)).cost == {"tokens": 7}
    assert provider.calls == 1


async def test_a_worker_that_stops_waits_for_no_call_not_even_of_a_run_that_was_stopped(
    store: ArtifactStore,
):
    _, calling = await under_way(store)
    await store.mark_closed(RUN)
    calling.cancel(STOPPED)
    await asyncio.wait([calling], timeout=0.05)
    assert not calling.done()

    calling.cancel()

    with pytest.raises(asyncio.CancelledError):
        await calling


async def test_a_time_limit_in_the_call_leaves_its_outcome_unknown_at_once(store: ArtifactStore):
    provider, calling = await under_way(store)

    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling

    with pytest.raises(StageError) as caught:
        await worker(store, ManualClock()).once(a_ticket(), provider.call)
    assert caught.value.code == "outcome_unknown"
    assert provider.calls == 1


async def test_a_time_limit_with_a_known_job_is_taken_up_later(store: ArtifactStore):
    lost = CallFailedError("provider_unavailable", "no answer", charge=Charge.UNKNOWN, again_s=0)
    provider = Provider(job="job-5", failures=[lost])

    with pytest.raises(CallFailedError) as caught:
        await worker(store).once(a_ticket(), provider.job_call)
    assert caught.value.retryable
    await worker(store).once(a_ticket(), provider.job_call)

    assert provider.attached == ["job-5"]
    assert provider.calls == 1


async def test_the_parts_of_a_task_are_paid_for_one_by_one(store: ArtifactStore):
    provider = Provider()

    for part in ("write", "repair", "write"):
        await worker(store).once(a_ticket(part=part), provider.call)

    assert provider.calls == 2


async def test_a_create_whose_answer_got_lost_still_calls(shared: MemoryStore):
    class Forgetful(MemoryStore):
        """Stores, and then answers that somebody else did, as a resent request would hear."""

        async def put_async(self, path: str, file: Any, **options: Any) -> Any:
            done = await shared.put_async(path, file, **options)
            if "/sending-" in path:
                raise AlreadyExistsError(path)
            return done

        async def get_async(self, path: str, **options: Any) -> Any:
            return await shared.get_async(path, **options)

    provider = Provider()

    assert await worker(ArtifactStore(Forgetful())).once(a_ticket(), provider.call)
    assert provider.calls == 1
