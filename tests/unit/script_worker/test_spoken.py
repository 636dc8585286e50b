"""The estimate of spoken time."""

import pytest

from script_worker.writers import spoken


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", 0.0, id="nothing"),
        pytest.param("城市" * 23, 10.0, id="4.6 hanzi a second"),
        pytest.param("rain " * 26, 10.0, id="2.6 words a second"),
        pytest.param("don't", 1 / 2.6, id="an apostrophe joins"),
        pytest.param("1234567", 2.0, id="digits"),
        pytest.param("40%", 2 / 3.5 + 0.5, id="percent"),
        pytest.param("好，好。", 2 / 4.6 + 0.5, id="marks"),
        pytest.param("好！！！", 1 / 4.6 + 0.25, id="a run of marks is one pause"),
        pytest.param("3.14", 3 / 3.5, id="a decimal point is no pause"),
        pytest.param("😀", 0.0, id="emoji are silent"),
    ],
)
def test_seconds_follow_what_is_read_aloud(text: str, expected: float) -> None:
    assert spoken.seconds(text) == pytest.approx(expected)


def test_each_scene_has_its_air() -> None:
    assert spoken.total(["", ""]) == pytest.approx(2 * spoken.SCENE_SECONDS)
