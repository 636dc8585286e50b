"""The page where an online provider speaks: several voices, each text bought once."""

from pathlib import Path

import pytest
from support.page import Served
from support.speech_server import GOOD_KEY, speech_server
from support.stack import stacked

pytestmark = pytest.mark.timeout(180)
OTHER = "nova"


async def test_another_voice_speaks_every_scene_anew(
    database_url: str, rabbitmq_url: str, browser: str, tmp_path: Path
) -> None:
    async with speech_server() as speech:
        voices = {
            "VOICE": "openai",
            "OPENAI_API_KEY": GOOD_KEY,
            "OPENAI_TTS_BASE_URL": speech.url,
        }
        env = {"api": voices, "media-worker": voices}
        async with stacked(tmp_path, database_url, rabbitmq_url, env=env) as (stack, _):
            served = Served(stack=stack, browser=browser, database_url=database_url)

            await served.scenario("revoice.test.mjs", OTHER_VOICE=OTHER)

    first, other = speech.orders[:2], speech.orders[2:]
    assert len({order["voice"] for order in first}) == 1
    assert {order["voice"] for order in other} == {OTHER}
    assert sorted(order["input"] for order in other) == sorted(order["input"] for order in first)
