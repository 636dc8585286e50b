"""A worker killed between any two steps of a paid visual: taken up, never ordered twice."""

from pathlib import Path

import pytest
from support.footage_server import footage_server
from support.image_server import image_server
from support.visuals import in_a_process

pytestmark = pytest.mark.timeout(120)


@pytest.mark.parametrize(
    ("point", "outcome"),
    [
        pytest.param("call.opened", "outcome_unknown", id="about to be sent"),
        pytest.param("visual.sent", "outcome_unknown", id="sent, its id not kept"),
        pytest.param("visual.noted", "visual.made.v1", id="its id kept, never asked for"),
        pytest.param("visual.polled", "visual.made.v1", id="while it was waited for"),
        pytest.param("visual.fetched", "visual.made.v1", id="fetched, its end not kept"),
        pytest.param("worker.committed", "visual.made.v1", id="made, not stated"),
    ],
)
async def test_footage_is_ordered_once_wherever_its_worker_is_killed(
    tmp_path: Path, point: str, outcome: str
) -> None:
    async with footage_server() as server:
        died, nothing = await in_a_process(tmp_path / "store", "footage", server.url, dies_at=point)

        lived, facts = await in_a_process(tmp_path / "store", "footage", server.url, deliveries=2)

        assert (died, nothing) == (-9, [])
        assert lived == 0
        assert [fact.get("code") or fact["type"] for fact in facts] == [outcome] * 2
        assert server.jobs == ([] if point == "call.opened" else ["job-1"])


@pytest.mark.parametrize(
    ("point", "outcome"),
    [
        pytest.param("visual.sent", "outcome_unknown", id="answered, its place not kept"),
        pytest.param("visual.noted", "visual.made.v1", id="its place kept, not fetched"),
        pytest.param("visual.fetched", "visual.made.v1", id="fetched, its end not kept"),
        pytest.param("worker.committed", "visual.made.v1", id="made, not stated"),
    ],
)
async def test_a_picture_is_paid_for_once_wherever_its_worker_is_killed(
    tmp_path: Path, point: str, outcome: str
) -> None:
    async with image_server() as server:
        server.moods = ["place"]
        died, _ = await in_a_process(tmp_path / "store", "image", server.url, dies_at=point)

        lived, facts = await in_a_process(tmp_path / "store", "image", server.url, deliveries=2)

        assert (died, lived) == (-9, 0)
        assert [fact.get("code") or fact["type"] for fact in facts] == [outcome] * 2
        assert server.paid == 1
