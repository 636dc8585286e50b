"""Pictures cost money: a writer neither asks for one nor takes the user's own away."""

import json
from uuid import UUID

import pytest

from script_worker.writers.llm.reply import SceneReply, ScriptReply, read, schema_text
from script_worker.writers.plan import SceneDraft
from script_worker.writers.revising import revised
from shared.messages.commands import Revision
from shared.messages.manifest import Blob
from shared.messages.script import Card, FootageCard, PictureCard, Scene, Script, TitleCard

UPLOADED = Blob(path=f"blob/{'a' * 64}.png", size=10, media_type="image/png")


def reply(card: dict[str, object]) -> str:
    return json.dumps({"heading": "雨", "narration": "雨水要有地方去。", "card": card})


def test_a_model_that_asks_for_a_picture_gets_none() -> None:
    found = read(
        reply({"kind": "picture", "prompt": "a park", "caption": "湿地"}), SceneReply
    ).found

    assert found is not None
    assert found.draft().card == PictureCard(caption="湿地")


def test_a_model_is_not_offered_footage_and_told_so_when_it_takes_some() -> None:
    reading = read(reply({"kind": "footage", "prompt": "a park"}), SceneReply)

    assert reading.found is None
    assert any("footage" in problem for problem in reading.problems)
    assert "footage" not in schema_text(ScriptReply)


@pytest.mark.parametrize(
    ("card", "stays"),
    [
        pytest.param(PictureCard(picture=UPLOADED), True, id="an upload"),
        pytest.param(PictureCard(prompt="a park", take=2), True, id="a picture that was asked for"),
        pytest.param(FootageCard(prompt="a park"), True, id="footage"),
        pytest.param(PictureCard(caption="湿地"), False, id="an empty picture card"),
        pytest.param(TitleCard(), False, id="another card"),
    ],
)
def test_a_revised_scene_keeps_what_its_user_chose_to_see(card: Card, *, stays: bool) -> None:
    scene = Scene(id=UUID(int=1), narration="雨。", card=card)
    base = Script(title="雨", scenes=(scene,))
    draft = SceneDraft(narration="雨水。", heading="新", card=TitleCard(subtitle="新"))

    done = revised(Revision(base=base, scene_id=scene.id, kind="rewrite"), draft)

    assert (done.scenes[0].narration, done.scenes[0].heading) == ("雨水。", "新")
    assert done.scenes[0].card == (card if stays else draft.card)
