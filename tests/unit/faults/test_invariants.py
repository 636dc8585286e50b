"""The judge of the fault suite sees what is wrong: a check that can't fail proves nothing."""

from dataclasses import replace
from typing import Any

import pytest
from support.faults.customer import Customer
from support.faults.invariants import Evidence, violations


def at_work(*percents: int) -> list[dict[str, Any]]:
    return [
        {"runId": "r", "progress": percent, "status": "GENERATING_VIDEO"} for percent in percents
    ]


def all_well() -> Evidence:
    customer = Customer(urls=[], name="甲", project="p", ended="EDITING", playable=True)
    customer.seen = [*at_work(0, 40), {"runId": "r", "progress": 100, "status": "EDITING"}]
    return Evidence(
        customers=[customer],
        projects=[{"id": "p", "title": "甲", "status": "EDITING", "error": None}],
        runs=[
            {"id": "s", "project_id": "p", "kind": "script", "state": "done"},
            {"id": "r", "project_id": "p", "kind": "production", "state": "done"},
        ],
        notices=[{"run_id": "r", "kind": "video.ready"}],
        unpublished=0,
        dead={"voice.dead": 0},
        buried=[],
        calls=[{"about": "甲", "kind": "chat", "input": "1", "charged": True}],
    )


def customer_with(**changes: Any) -> Evidence:
    seen = all_well()
    return replace(seen, customers=[replace(seen.customers[0], **changes)])


def run_in(state: str) -> list[dict[str, Any]]:
    return [{**all_well().runs[1], "state": state}]


def test_when_all_is_well_nothing_is_found() -> None:
    assert violations(all_well()) == []


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        pytest.param(replace(all_well(), projects=[]), "lost", id="a project that is gone"),
        pytest.param(customer_with(ended="FAILED"), "wrong", id="told otherwise than stored"),
        pytest.param(customer_with(ended=""), "hung", id="a user without an end"),
        pytest.param(replace(all_well(), runs=run_in("active")), "hung", id="a run without an end"),
        pytest.param(
            replace(all_well(), projects=all_well().projects * 2), "doubled", id="ordered twice"
        ),
        pytest.param(
            replace(all_well(), runs=[*all_well().runs, *run_in("done")]),
            "doubled",
            id="run once too often",
        ),
        pytest.param(
            replace(all_well(), calls=[*all_well().calls] * 2), "doubled", id="paid for twice"
        ),
        pytest.param(
            replace(all_well(), notices=[*all_well().notices] * 2), "doubled", id="told twice"
        ),
        pytest.param(replace(all_well(), notices=[]), "lost", id="never told"),
        pytest.param(
            customer_with(seen=at_work(0, 60, 40)),
            "wrong",
            id="progress that fell",
        ),
        pytest.param(customer_with(seen=at_work(0, 100)), "wrong", id="ready before its end"),
        pytest.param(customer_with(playable=False), "lost", id="a video that does not play"),
        pytest.param(replace(all_well(), unpublished=1), "lost", id="a message never sent"),
        pytest.param(replace(all_well(), dead={"voice.dead": 1}), "lost", id="a dead message"),
        pytest.param(
            replace(all_well(), buried=[{"queue": "q", "reason": "bug"}]), "wrong", id="buried"
        ),
        pytest.param(replace(all_well(), rebuilt={"p": ["status"]}), "wrong", id="another log"),
    ],
)
def test_what_is_wrong_is_found(seen: Evidence, kind: str) -> None:
    assert kind in {one.kind for one in violations(seen)}


def test_a_second_charge_that_the_user_agreed_to_is_none_too_many() -> None:
    seen = customer_with(second_charges=1)

    assert violations(replace(seen, calls=[*seen.calls] * 2)) == []
    assert violations(replace(seen, calls=[*seen.calls] * 3)) != []
