"""What the projector makes of a dead message, whatever it is."""

import pytest

from projector.dead_letters import failure_of


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x80 no JSON", id="no JSON"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="nested too deep for the parser"),
        pytest.param(b"[1]", id="a list"),
        pytest.param(b'{"type":"clip.render.v1","meta":7}', id="another shape"),
    ],
)
def test_what_is_no_command_fails_no_task_and_is_kept(body: bytes) -> None:
    assert failure_of(body, "rejected") is None
