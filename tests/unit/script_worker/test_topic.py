"""A bare topic becomes a draft that says what to write, and claims nothing."""

import pytest


@pytest.mark.parametrize(
    ("seconds", "scenes"), [(5, 3), (30, 3), (60, 7), (90, 10), (600, 13), (1_800, 13)]
)
async def test_a_topic_becomes_a_labelled_draft_of_a_sensible_size(seconds, scenes, write):
    script = await write("topic", "海绵城市", seconds=seconds)

    assert script.draft
    assert script.title == "海绵城市"
    assert len(script.scenes) == scenes
    assert all(scene.narration.startswith("在这里写：") for scene in script.scenes)


async def test_the_prompts_speak_the_user_s_language(write):
    script = await write("topic", "City gardens\r\n", language="en", seconds=45)

    assert all(scene.narration.startswith("Write here: ") for scene in script.scenes)
    assert any("City gardens" in scene.narration for scene in script.scenes)


async def test_a_long_topic_stays_within_the_contract(write):
    script = await write("topic", "花园 " * 166, seconds=90)

    assert all(len(scene.heading) <= 80 for scene in script.scenes)
