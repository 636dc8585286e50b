"""What rounds come to: ratios of the same round, alternating turns, verdicts without flattery."""

import pytest
from benchmarks.report import claims_table
from benchmarks.rounds import Claim, Result, Series, in_turn, ratio_of


def series(name: str, *rates: float) -> Series:
    return Series(name=name, rounds=[{"rate": rate} for rate in rates])


def claim(bar: float | None = None, *, above: bool = True) -> Claim:
    return Claim(text="ours / peer", metric="rate", of="ours", against="peer", bar=bar, above=above)


def test_a_ratio_is_taken_within_each_round_so_a_slow_minute_harms_both() -> None:
    ratio = ratio_of(claim(), series("ours", 200, 20, 300), series("peer", 100, 10, 100))

    assert (ratio.low, ratio.median, ratio.high) == (2, 2, 3)


@pytest.mark.parametrize(
    ("bar", "above", "holds"),
    [
        pytest.param(2, True, True, id="just met"),
        pytest.param(2.1, True, False, id="missed"),
        pytest.param(1.9, False, False, id="less was wanted"),
        pytest.param(None, True, None, id="no bar"),
    ],
)
def test_the_verdict_is_the_medians(*, bar: float | None, above: bool, holds: bool | None) -> None:
    found = ratio_of(claim(bar, above=above), series("ours", 1, 2, 9), series("peer", 1, 1, 1))

    assert found.holds is holds


def test_a_bar_that_is_missed_is_said_so() -> None:
    result = Result(
        id="b0",
        title="t",
        columns={"rate": "1/s"},
        series=[series("ours", 1), series("peer", 1)],
        claims=[claim(5)],
    )

    [*_, row] = claims_table(result.ratios())

    assert "**not met**" in row


def test_contenders_without_a_common_figure_have_no_ratio() -> None:
    with pytest.raises(ValueError, match="share no rate"):
        ratio_of(claim(), Series(name="ours", rounds=[{"p50": 1}]), series("peer", 1))


async def test_contenders_take_turns_and_every_other_round_goes_backwards() -> None:
    order: list[str] = []

    def contender(name: str):
        async def run() -> dict[str, float]:
            order.append(name)
            return {"rate": 1}

        return run

    found = await in_turn({name: contender(name) for name in "abc"}, 2, lambda _: None)

    assert order == ["a", "b", "c", "c", "b", "a"]
    assert [len(one.rounds) for one in found] == [2, 2, 2]
