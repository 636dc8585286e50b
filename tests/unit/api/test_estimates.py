"""How long a run still takes, from what was made lately."""

from uuid import uuid4

from api.estimates import FEWEST, Timings, eta
from shared.messages.base import Stage
from shared.state import Task, TaskState

ENGINES = {"voice": "v", "renderer": "r"}


def a_task(stage: Stage, weight: float, percent: float = 0, *, running: bool = False) -> Task:
    state = TaskState.RUNNING if running else TaskState.READY
    return Task(
        id=uuid4(), run_id=uuid4(), stage=stage, weight=weight, percent=percent, state=state
    )


def test_what_is_left_counts_at_the_usual_and_at_the_slow_pace() -> None:
    half_done = a_task("voice", 10, 50, running=True)
    made = [(10.0, 10.0)] * 8 + [(10.0, 30.0)] * 2

    view = eta([half_done], ENGINES, Timings({("voice", "v"): made}))

    assert view is not None
    assert (view.low, view.high) == (5, 15)


def test_several_workers_share_what_is_left() -> None:
    timings = Timings({("clip", "r"): [(4.0, 8.0)] * 9})
    alone = eta([a_task("clip", 4, running=True), a_task("clip", 4)], ENGINES, timings)
    both = eta([a_task("clip", 4, running=True) for _ in range(2)], ENGINES, timings)

    assert alone is not None
    assert both is not None
    assert (alone.low, both.low) == (16, 8)


def test_tasks_of_about_the_same_size_tell_more_than_all_together() -> None:
    small, large = [(1.0, 5.0)] * FEWEST, [(100.0, 100.0)] * 50

    view = eta([a_task("voice", 1)], ENGINES, Timings({("voice", "v"): small + large}))

    assert view is not None
    assert view.low == 5


def test_a_stage_that_was_seen_too_rarely_leaves_it_open() -> None:
    timings = Timings(
        {("voice", "v"): [(1.0, 1.0)] * (FEWEST - 1), ("clip", "r"): [(1.0, 1.0)] * 9}
    )

    assert eta([a_task("voice", 1), a_task("clip", 1)], ENGINES, timings) is None
    assert eta([a_task("clip", 1)], ENGINES, timings) is not None


def test_finished_tasks_count_for_nothing_whoever_made_them() -> None:
    done = Task(id=uuid4(), run_id=uuid4(), stage="voice", weight=9, state=TaskState.DONE)

    view = eta([done, a_task("clip", 1)], ENGINES, Timings({("clip", "r"): [(1.0, 2.0)] * 9}))

    assert view is not None
    assert view.low == 2
