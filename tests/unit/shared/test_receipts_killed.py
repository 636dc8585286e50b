"""Whatever dies in between, and between any two steps, nothing is paid for twice."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore
from support.clocks import HastyClock, ManualClock
from support.paying import KilledError, MortalStore, Provider, a_ticket, not_charged

from shared.artifacts.calls import CallFailedError, Charge
from shared.artifacts.receipts import Call, PaidCalls
from shared.artifacts.store import ArtifactStore
from shared.errors import StageError


def worker(store: ArtifactStore, clock: Any = None) -> PaidCalls:
    return PaidCalls(store, clock or HastyClock())


async def steps_of_a_call(call: Any) -> int:
    counted = MortalStore.of(MemoryStore())
    await worker(ArtifactStore(counted), ManualClock()).once(a_ticket(), call)
    return counted.steps


@pytest.mark.parametrize("last", ["done", "not done"])
@pytest.mark.parametrize("job", ["job-1", None])
async def test_killed_between_any_two_steps_nothing_is_paid_twice(last: str, job: str | None):
    steps = await steps_of_a_call(Provider(job=job).job_call)

    for step in range(1, steps + 1):
        shared = MemoryStore()
        provider = Provider(job=job)
        dying = ArtifactStore(MortalStore.of(shared, step, does_last=last == "done"))
        with pytest.raises(KilledError):
            await worker(dying, ManualClock()).once(a_ticket(), provider.job_call)

        outcomes = [await told(worker(ArtifactStore(shared)), provider.job_call) for _ in "ab"]

        assert provider.paid <= 1
        assert outcomes[0] == outcomes[1]
        assert set(outcomes) <= {"reply", "outcome_unknown"}


async def told(paid: PaidCalls, call: Call, authorisation: int = 0) -> str:
    """How a delivery ended, in a word."""
    try:
        await paid.once(a_ticket(authorisation=authorisation), call)
    except StageError as failure:
        return failure.code
    except KilledError:
        return "killed"
    return "reply"


FAILURES: dict[str, Any] = {
    "ok": list,
    "not charged": lambda: [not_charged()],
    "refused": lambda: [CallFailedError("prompt_refused", charge=Charge.YES)],
    "lost": lambda: [CallFailedError("provider_unavailable", charge=Charge.UNKNOWN, again_s=0)],
}
DELIVERIES = st.lists(
    st.tuples(
        st.integers(1, 14) | st.none(),  # the step that kills the worker, if any
        st.booleans(),  # whether that step is still done
        st.sampled_from(["ok", "not charged", "refused", "lost"]),
    ),
    min_size=1,
    max_size=6,
)


@given(deliveries=DELIVERIES, job=st.sampled_from([None, "job-1"]))
@settings(max_examples=60, deadline=None)
def test_whatever_dies_and_fails_an_authorisation_pays_at_most_once(
    deliveries: list[tuple[int | None, bool, str]], job: str | None
):
    async def played() -> Provider:
        shared = MemoryStore()
        provider = Provider(job=job)
        for steps, does_last, outcome in deliveries:
            provider.failures = FAILURES[outcome]()
            store = MortalStore.of(shared, steps or float("inf"), does_last=does_last)
            await told(worker(ArtifactStore(store)), provider.job_call)
        return provider

    provider = asyncio.run(played())

    assert provider.paid <= 1
