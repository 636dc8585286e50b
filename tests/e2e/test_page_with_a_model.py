"""The page where a language model writes: what only a model can do."""

from pathlib import Path

import pytest
from support.llm_server import GOOD_KEY, llm_server
from support.page import Served
from support.stack import stacked

pytestmark = pytest.mark.timeout(180)
_NO_VIDEO = {"media-worker": 0, "notifier": 0}


async def test_a_scene_is_written_again_as_it_was_wished(
    database_url: str, rabbitmq_url: str, browser: str, tmp_path: Path
) -> None:
    async with llm_server() as model:
        writer = {
            "WRITER": "custom",
            "LLM_BASE_URL": model.url,
            "LLM_API_KEY": GOOD_KEY,
            "LLM_MODEL": "ok",
        }
        env = {"api": writer, "script-worker": writer}
        async with stacked(tmp_path, database_url, rabbitmq_url, replicas=_NO_VIDEO, env=env) as (
            stack,
            _,
        ):
            served = Served(stack=stack, browser=browser, database_url=database_url)

            await served.scenario("rewrite.test.mjs")

    asked = [call["messages"][-1]["content"] for call in model.calls]
    assert sum("像讲给孩子听" in text for text in asked) == 1
