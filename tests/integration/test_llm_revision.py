"""One scene written anew by a language model: only it changes, and its id stays."""

from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from support.clocks import HastyClock
from support.llm_server import GOOD_KEY, LlmServer, llm_server, scene_text
from support.paying import a_ticket

from script_worker.writers.llm.chat import Chat
from script_worker.writers.llm.writer import LlmWriter
from script_worker.writers.port import Request, Written
from shared.artifacts.store import ArtifactStore
from shared.errors import StageError
from shared.messages.commands import Article, Revision
from shared.messages.script import Scene, Script
from shared.runtime.settings import WriterSettings

BASE = Script(
    title="雨水",
    scenes=tuple(
        Scene(
            id=UUID(int=n), narration=f"第{n}幕说的是雨水，一共有好几句话。真的。", heading=f"{n}"
        )
        for n in range(1, 4)
    ),
)


@pytest.fixture
async def server() -> AsyncGenerator[LlmServer, None]:
    async with llm_server() as served:
        yield served


@pytest.fixture
async def revise(server: LlmServer, tmp_path: Path) -> AsyncGenerator[Callable[..., Any], None]:
    """``await revise("ok", kind="shorten")`` → the script with its second scene done again."""
    store = ArtifactStore.at(f"file://{tmp_path}")
    settings = {"writer": "custom", "llm_api_key": GOOD_KEY, "llm_base_url": server.url}
    chats: list[Chat] = []

    async def done(model: str, **wish: Any) -> Written:
        chats.append(Chat(WriterSettings(**{**settings, "llm_model": model}), store, HastyClock()))
        scene = wish.pop("scene", UUID(int=2))
        request = Request(
            task_id=UUID(int=8),
            source=Article(text="雨水需要出路。"),
            title=None,
            language="zh-CN",
            target_seconds=30,
            style="轻松",
            ticket=a_ticket(),
        )
        return await LlmWriter(chats[-1]).revise(
            request, Revision(base=BASE, scene_id=scene, **wish), progress=lambda *_: None
        )

    yield done
    for chat in chats:
        await chat.__aexit__()


@pytest.mark.parametrize("kind", ["rewrite", "shorten", "custom"])
async def test_only_the_one_scene_changes_and_every_id_stays(server, revise, kind):
    done = await revise("ok", kind=kind, text="说得像对孩子讲")

    script = done.script
    assert [scene.id for scene in script.scenes] == [scene.id for scene in BASE.scenes]
    assert (script.scenes[0], script.scenes[2]) == (BASE.scenes[0], BASE.scenes[2])
    assert script.scenes[1].narration == "雨水先存起来，再慢慢放走。"
    assert script.scenes[1].card.kind == "list"
    assert script.title == BASE.title
    assert done.cost["calls"] == 1


async def test_the_model_sees_the_wish_the_whole_script_and_the_shape_of_a_scene(server, revise):
    await revise("ok", kind="custom", text="说得像对孩子讲")

    call = server.calls[0]
    said = call["messages"][1]["content"]
    assert all(scene.narration in said for scene in BASE.scenes)
    assert "说得像对孩子讲" in said
    assert "轻松" in said
    schema = call["response_format"]["json_schema"]["schema"]
    assert set(schema["properties"]) == {"heading", "narration", "card"}


async def test_a_scene_that_was_to_be_shorter_and_is_not_is_asked_for_again(server, revise):
    server.scene = scene_text("这一幕变得比原来还要长得多，" * 5 + "完。")

    with pytest.raises(StageError) as caught:
        await revise("ok", kind="shorten")

    assert caught.value.code == "reply_invalid"
    assert len(server.calls) == 2


async def test_an_unusable_scene_is_corrected_once(server, revise):
    done = await revise("broken,ok", kind="rewrite")

    assert done.script.scenes[1].narration == "雨水先存起来，再慢慢放走。"
    assert len(server.calls) == 2


async def test_an_unknown_scene_costs_nothing(server, revise):
    with pytest.raises(StageError) as caught:
        await revise("ok", kind="rewrite", scene=UUID(int=99))

    assert caught.value.code == "scene_unknown"
    assert server.calls == []
