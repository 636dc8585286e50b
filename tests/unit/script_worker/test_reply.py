"""What is made of a model's answer."""

import json

from script_worker.writers.llm.reply import ScriptReply, read


def test_control_characters_in_an_answer_are_left_out() -> None:
    scene = {"narration": "caf\0e\x01", "card": {"kind": "list", "items": ["a\0", "b"]}}

    found = read(json.dumps({"title": "\0ti\ttle", "scenes": [scene]}), ScriptReply).found

    assert found is not None
    assert (found.title, found.scenes[0].narration) == ("ti\ttle", "cafe")
    assert found.scenes[0].card.items == ("a", "b")


def test_an_answer_of_control_characters_alone_is_none() -> None:
    scene = {"narration": "\0", "card": {"kind": "title"}}

    reading = read(json.dumps({"title": "t", "scenes": [scene]}), ScriptReply)

    assert reading.found is None
    assert "narration" in reading.problems[0]
