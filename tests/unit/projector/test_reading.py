from uuid import UUID, uuid4

import pytest

from projector.reading import parsed, parts_of
from shared.messages.base import FactMeta
from shared.messages.facts import Fact, TaskProgressed, batch_of


def told(project: UUID, seq: int) -> TaskProgressed:
    meta = FactMeta(
        message_id=uuid4(), user_id="u", language="en", project_id=project, run_id=uuid4(),
        correlation_id=uuid4(), task_id=uuid4(), stage="voice", dispatch=1, delivery=0, seq=seq,
    )  # fmt: skip
    return TaskProgressed(meta=meta, percent=seq)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_parts_have_all_facts_in_their_order_and_each_project_in_one_of_them(size: int) -> None:
    projects = [uuid4() for _ in range(5)]
    facts: list[Fact] = [told(projects[seq % 5], seq) for seq in range(17)]

    parts = parts_of(facts, size)

    assert sorted(id(fact) for part in parts for fact in part) == sorted(map(id, facts))
    for project in projects:
        homes = [[f for f in part if f.meta.project_id == project] for part in parts]
        (own,) = [home for home in homes if home]
        assert own == [fact for fact in facts if fact.meta.project_id == project]
    assert all(len(part) < size + 4 for part in parts)  # no more than the last project brings
    assert len(parts) == {1: 5, 2: 5, 3: 5, 100: 1}[size]


def test_no_facts_are_no_parts() -> None:
    assert parts_of([], 10) == []


def test_facts_come_out_of_a_message_as_they_went_in() -> None:
    facts: list[Fact] = [told(uuid4(), seq) for seq in range(3)]
    assert parsed(batch_of(facts), "facts") == (facts, [])
