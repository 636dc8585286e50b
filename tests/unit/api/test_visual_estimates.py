"""How long visuals still take: pictures and footage are one stage and far apart."""

from uuid import uuid4

from api.estimates import Timings, eta
from shared.state import Task

ENGINES = {"writer": "w", "voice": "v", "renderer": "r", "image": "i", "footage": "f"}
TIMINGS = Timings({("visual", "i"): [(20.0, 10.0)] * 6, ("visual", "f"): [(150.0, 300.0)] * 6})


def a_task(weight: float) -> Task:
    return Task(id=uuid4(), run_id=uuid4(), stage="visual", weight=weight)


def test_each_kind_is_judged_by_its_own_past() -> None:
    picture = eta([a_task(20.0)], ENGINES, TIMINGS)
    footage = eta([a_task(150.0)], ENGINES, TIMINGS)

    assert (picture.low, picture.high) == (10, 10)
    assert (footage.low, footage.high) == (300, 300)


def test_a_run_of_before_there_were_visuals_has_an_estimate_too() -> None:
    old = {"writer": "w", "voice": "v", "renderer": "r"}
    clip = Task(id=uuid4(), run_id=uuid4(), stage="clip", weight=10.0)

    found = eta([clip], old, Timings({("clip", "r"): [(10.0, 5.0)] * 6}))

    assert (found.low, found.high) == (5, 5)
