"""Facts folded into a whole run."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.building import (
    NOW,
    failed,
    opened_production,
    opened_script,
    progressed,
    result,
    started,
    task_of,
)

from projector.fold import after_close, folded, noted
from projector.watchdog import Limits, judged, sent_again
from shared.commanding import TIMEOUT_S
from shared.messages.facts import Fact
from shared.state import Run, TaskState
from shared.store.dispatch import dispatched

OUTCOME = opened_production(scenes=2)
PROJECT = OUTCOME.project
RUN, _ = dispatched(PROJECT, OUTCOME.run, NOW)


@st.composite
def facts_of_one_run(draw: st.DrawFn) -> list[Fact]:
    """Facts as workers could state them: at one position of a task, one thing."""
    facts: dict[tuple[object, ...], Fact] = {}
    for _ in range(draw(st.integers(0, 16))):
        task = draw(st.sampled_from([t for t in RUN.tasks if t.stage == "voice"]))
        place = {
            "dispatch": draw(st.integers(1, 3)),
            "delivery": draw(st.integers(0, 1)),
            "seq": draw(st.integers(1, 5)),
        }
        fact = draw(
            st.sampled_from(
                [
                    started(PROJECT, RUN, task, **place),
                    progressed(PROJECT, RUN, task, 20 * place["seq"], **place),
                    failed(PROJECT, RUN, task, **place),
                    result(PROJECT, RUN, task, **place),
                ]
            )
        )
        facts.setdefault((task.id, *place.values()), fact)
    return list(facts.values())


def essence(run: Run) -> list[tuple[object, ...]]:
    """What is promised of tasks: all but the clocks, and the position that done forgets."""
    return [
        (t.id, t.state, t.percent, t.error, t.manifest)
        + ((t.dispatch, t.delivery, t.seq) if t.state is not TaskState.DONE else ())
        for t in run.tasks
    ]


@given(facts=facts_of_one_run(), order=st.randoms())
def test_any_order_and_any_repeats_of_a_runs_facts_end_in_the_same_tasks(
    facts: list[Fact], order: Random
) -> None:
    shuffled = facts + order.sample(facts, k=len(facts) // 2)
    order.shuffle(shuffled)

    assert essence(folded(RUN, shuffled, NOW)) == essence(folded(RUN, facts, NOW))


@given(facts=facts_of_one_run(), cut=st.integers(0, 16))
def test_two_batches_end_where_one_batch_does(facts: list[Fact], cut: int) -> None:
    in_two = folded(folded(RUN, facts[:cut], NOW), facts[cut:], NOW)

    assert essence(in_two) == essence(folded(RUN, facts, NOW))


def test_a_written_script_comes_with_its_fact() -> None:
    outcome = opened_script()
    fact = result(outcome.project, outcome.run, outcome.run.tasks[0])

    run = folded(outcome.run, [fact], NOW)

    assert run.script == fact.script


def test_a_fact_of_a_task_that_the_run_does_not_have_changes_nothing() -> None:
    stranger = opened_production(scenes=1)
    fact = result(stranger.project, stranger.run, task_of(stranger.run, "voice"))

    assert folded(RUN, [fact], NOW) == RUN


def test_a_fact_after_the_end_is_kept_as_a_note() -> None:
    task = task_of(RUN, "voice")

    assert after_close(result(PROJECT, RUN, task))["outcome"] == "finished_anyway"
    assert after_close(failed(PROJECT, RUN, task))["outcome"] == "stopped"
    assert after_close(started(PROJECT, RUN, task))["outcome"] == "still_running"


@pytest.mark.parametrize(
    ("charge", "cost"),
    [
        pytest.param("not charged", None, id="cancelled at the provider's"),
        pytest.param("charged", {"videos": 1.0}, id="paid for, and no use"),
        pytest.param("unknown", None, id="nobody knows"),
    ],
)
def test_what_a_paid_call_cost_is_noted_after_the_close(
    charge: str, cost: dict[str, float] | None
) -> None:
    [task, *_] = RUN.tasks
    stopped = failed(PROJECT, RUN, task, code="run_cancelled", retryable=False)
    stopped = stopped.model_copy(update={"charge": charge, "cost": cost})

    note = after_close(stopped)

    assert note == {"outcome": "stopped", "code": "run_cancelled", "charge": charge, "cost": cost}


@pytest.mark.parametrize(
    "strongest",
    [
        pytest.param({"outcome": "stopped", "code": "run_cancelled"}, id="an end"),
        pytest.param(
            {"outcome": "stopped", "code": "run_cancelled", "charge": "charged", "cost": None},
            id="an end with its charge",
        ),
        pytest.param(
            {"outcome": "finished_anyway", "charge": "charged", "cost": {"videos": 1.0}},
            id="a result",
        ),
    ],
)
def test_a_note_of_how_it_ended_stands_in_whatever_order_notes_come(
    strongest: dict[str, Any],
) -> None:
    weaker = [after_close(started(PROJECT, RUN, task_of(RUN, "voice")))] * 2
    if "cost" in strongest:
        weaker.append({"outcome": "stopped", "code": "worker_lost"})

    for told in permutations([*weaker, strongest]):
        assert reduce(noted, told, None) == strongest


def test_a_result_that_cost_something_is_noted_as_charged() -> None:
    made = result(PROJECT, RUN, task_of(RUN, "voice"))
    paid = made.manifest.model_copy(update={"cost": {"characters": 9.0}})

    assert after_close(made.model_copy(update={"manifest": paid})) == {
        "outcome": "finished_anyway",
        "charge": "charged",
        "cost": {"characters": 9.0},
    }


def test_work_that_costs_nothing_notes_no_cost() -> None:
    [task, *_] = RUN.tasks

    assert after_close(result(PROJECT, RUN, task)) == {"outcome": "finished_anyway"}
    assert after_close(failed(PROJECT, RUN, task)) == {
        "outcome": "stopped",
        "code": "render_failed",
    }


def test_running_work_that_is_silent_for_a_minute_is_given_up_and_may_be_tried_again() -> None:
    run = folded(RUN, [started(PROJECT, RUN, task_of(RUN, "voice"))], NOW)

    in_time = judged(run, NOW + timedelta(seconds=59), Limits())
    too_late = judged(run, NOW + timedelta(seconds=61), Limits())

    assert in_time == run
    assert task_of(too_late, "voice").error.code == "worker_lost"
    assert task_of(too_late, "voice").error.retryable


def test_work_that_lives_but_does_not_end_is_given_up_for_good() -> None:
    run = folded(RUN, [started(PROJECT, RUN, task_of(RUN, "voice"))], NOW)
    late = NOW + timedelta(seconds=TIMEOUT_S["voice"] + 31)
    alive = replace(run, tasks=tuple(replace(t, last_seen_at=late) for t in run.tasks))

    ended = judged(alive, late, Limits())

    assert task_of(ended, "voice").error.code == "voice_timeout"
    assert not task_of(ended, "voice").error.retryable


def test_sent_work_that_waits_in_a_queue_is_never_failed_for_silence() -> None:
    assert judged(RUN, NOW + timedelta(days=1), Limits()) == RUN


def test_a_command_that_got_lost_goes_out_again_without_costing_an_attempt() -> None:
    task = task_of(RUN, "voice")

    again = sent_again(RUN, frozenset({task.id}))

    assert (task_of(again, "voice").state, task_of(again, "voice").attempt) == (TaskState.READY, 1)
