from pathlib import Path
from uuid import UUID, uuid4

import pytest

from projector.reading import parsed, parts_of
from shared.messages.base import FactMeta
from shared.messages.facts import Fact, TaskProgressed

SAMPLES = Path(__file__).parents[2] / "contract" / "samples"
KINDS = (
    "task.started", "task.progressed", "task.failed", "script.written", "voice.recorded",
    "visual.made", "clip.rendered", "video.assembled",
)  # fmt: skip


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


def test_facts_of_all_kinds_are_read_alike_at_once_and_beside_one_that_is_bad() -> None:
    items = [(SAMPLES / f"{kind}.v1.json").read_text() for kind in KINDS]

    good, none = parsed(message(items), "facts")
    beside, bad = parsed(message([*items, '{"type":"voice.sung.v7"}']), "facts")

    assert [fact.type for fact in good] == [f"{kind}.v1" for kind in KINDS]
    assert good == beside
    assert (none, [one.type for one in bad]) == ([], ["voice.sung.v7"])


def message(items: list[str]) -> bytes:
    return f'{{"type":"facts.v1","facts":[{",".join(items)}]}}'.encode()
