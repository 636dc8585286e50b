"""What can become of a dead letter, by its body alone."""

import json
from datetime import UTC, datetime

import pytest
from support.building import opened_production, started, task_of

from api.desk.ways import Again, Retry, way_of
from shared.messages.facts import FactBatch
from shared.milestones import milestone_of
from shared.store.dispatch import dispatched

NOW = opened_production()
FACT = started(NOW.project, NOW.run, task_of(NOW.run, "voice")).model_dump(mode="json")
UNREADABLE = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"\xff\xfe", id="no text"),
    pytest.param(b"[]", id="a list"),
    pytest.param(b"[" * 100_000, id="nested without end"),
    pytest.param(b'{"type": "voice.record.v99"}', id="a type of tomorrow"),
    pytest.param(b'{"type": "voice.record.v1"}', id="a command without its fields"),
    pytest.param(b'{"type": "facts.v1", "facts": []}', id="no facts"),
    pytest.param(b'{"type": ["facts.v1"], "facts": []}', id="a type that is no text"),
    pytest.param(
        json.dumps({"type": "facts.v1", "facts": [FACT, {"type": "nonsense"}]}).encode(),
        id="one bad fact among good ones",
    ),
    pytest.param(
        json.dumps({"type": "run.stop.v1", "meta": FACT["meta"]}).encode(), id="no work, no news"
    ),
]


@pytest.mark.parametrize("body", UNREADABLE)
def test_what_nobody_can_read_can_only_be_discarded(body: bytes) -> None:
    assert way_of(body) is None


def test_a_command_means_its_owners_retry() -> None:
    _, [command, *_] = dispatched(NOW.project, NOW.run, datetime.now(UTC))

    way = way_of(command.model_dump_json().encode())

    assert way == Retry(user_id=NOW.project.user_id, project_id=NOW.project.id, run_id=NOW.run.id)


def test_facts_go_back_to_the_projector() -> None:
    way = way_of(FactBatch(facts=(FACT,)).model_dump_json().encode())

    assert isinstance(way, Again)
    assert (way.exchange, way.key, way.type) == ("video.facts", "projector.facts", "facts.v1")


def test_a_milestone_goes_out_under_its_own_key() -> None:
    told = milestone_of(NOW.project, NOW.run)

    way = way_of(told.model_dump_json().encode())

    assert isinstance(way, Again)
    assert (way.exchange, way.type) == ("video.milestones", told.type)
    assert way.key == told.type.removesuffix(".v1")
    assert (way.project_id, way.run_id) == (NOW.project.id, NOW.run.id)
