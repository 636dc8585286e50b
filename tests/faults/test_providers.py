"""Providers that are busy, break off, answer nonsense, or nothing at all."""

import pytest
from support.faults.trial import trial
from support.faults.world import World

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="session")]

WELL, GIVEN_UP = "EDITING", "FAILED"
MOODS = [
    ("chat", ["busy", "overloaded", "error"], WELL),
    ("chat", ["cut"], WELL),
    ("chat", ["broken"], WELL),
    ("chat", ["page"], WELL),
    ("chat", ["dropped"], WELL),
    ("chat", ["hang"], WELL),
    ("chat", ["broken", "broken"], GIVEN_UP),
    ("chat", ["refusal"], GIVEN_UP),
    ("chat", ["quota"], GIVEN_UP),
    ("speech", ["busy", "overloaded", "error"], WELL),
    ("speech", ["cut"], WELL),
    ("speech", ["empty"], WELL),
    ("speech", ["garbage"], WELL),
    ("speech", ["hang"], WELL),
    ("speech", ["refused"], GIVEN_UP),
]
QUICK = [("chat", "cut"), ("speech", "empty")]


@pytest.mark.parametrize(
    ("kind", "moods", "end"),
    [
        pytest.param(
            *row,
            id=f"{row[0]}: {', '.join(row[1])}",
            marks=() if (row[0], row[1][0]) in QUICK else pytest.mark.long,
        )
        for row in MOODS
    ],
)
async def test_a_provider_in_a_mood(world: World, kind: str, moods: list[str], end: str) -> None:
    before = len(world.calls())
    await world.moods(**{kind: list(moods)})

    async with trial(world, f"provider, {kind}: {', '.join(moods)}", customers=1) as this:
        this.over()

    [customer] = this.customers
    did = [call["did"] for call in world.calls()[before:] if call["kind"] == kind]
    assert did[: len(moods)] == moods, "the moment was hit"
    assert customer.ended == end, customer.seen[-1]["error"]
