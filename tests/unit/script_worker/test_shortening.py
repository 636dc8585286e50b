"""The offline writer shortens a scene honestly, and says what it can't do."""

from typing import Any
from uuid import UUID

import pytest

from script_worker.writers import spoken
from script_worker.writers.offline import OfflineWriter
from script_worker.writers.port import Request
from shared.errors import StageError
from shared.messages.commands import Revision, Topic
from shared.messages.script import ListCard, Scene, Script

LONG = (
    "城市里的雨水需要出路。草地和池塘会把雨水存起来。"
    "去年，三座池塘一共存下了12000立方米雨水。顺便说一句，鸭子也很喜欢那里。"
)


def a_base(narration: str) -> Script:
    told = ["第一幕。", narration, "第三幕。"]
    return Script(
        title="雨水",
        scenes=tuple(
            Scene(
                id=UUID(int=n), narration=text, heading=f"第{n}幕", card=ListCard(items=("草地",))
            )
            for n, text in enumerate(told)
        ),
    )


async def revised(narration: str, kind: Any = "shorten", scene: int = 1) -> Script:
    revision = Revision(base=a_base(narration), scene_id=UUID(int=scene), kind=kind)
    request = Request(
        task_id=UUID(int=9),
        source=Topic(text="雨水"),
        title=None,
        language="zh-CN",
        target_seconds=30,
    )
    done = await OfflineWriter().revise(request, revision, progress=lambda *_: None)
    return done.script


async def test_lesser_sentences_go_and_the_rest_stays_word_for_word() -> None:
    script = await revised(LONG)

    said = script.scenes[1].narration
    kept = [sentence for sentence in LONG.split("。") if sentence and sentence in said]
    assert "。".join(kept) + "。" == said
    assert 0.3 < spoken.seconds(said) / spoken.seconds(LONG) < 0.9
    assert "12000立方米" in said


async def test_everything_else_stays_as_it_was() -> None:
    base, script = a_base(LONG), await revised(LONG)

    assert script.title == base.title
    assert [s.id for s in script.scenes] == [s.id for s in base.scenes]
    assert script.scenes[0] == base.scenes[0]
    assert script.scenes[2] == base.scenes[2]
    assert script.scenes[1].card == base.scenes[1].card


@pytest.mark.parametrize("narration", ["一句话，说完了。去吧。", "It rains. It pours."])
async def test_two_sentences_become_one(narration: str) -> None:
    said = (await revised(narration)).scenes[1].narration

    assert said
    assert len(said) < len(narration)


@pytest.mark.parametrize(
    ("narration", "kind", "scene", "code"),
    [
        pytest.param(LONG, "rewrite", 1, "revision_unsupported", id="rewriting"),
        pytest.param(LONG, "custom", 1, "revision_unsupported", id="the user's own wish"),
        pytest.param("只有一句话。", "shorten", 1, "nothing_to_shorten", id="one sentence"),
        pytest.param(LONG, "shorten", 7, "scene_unknown", id="no such scene"),
    ],
)
async def test_what_it_can_not_do_is_said(narration: str, kind: str, scene: int, code: str) -> None:
    with pytest.raises(StageError) as caught:
        await revised(narration, kind, scene)

    assert caught.value.code == code
    assert not caught.value.retryable
