"""Scenes are counted while their JSON streams in, however it is cut."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from support.llm_server import script_text

from script_worker.writers.llm.scanning import SceneCount

TRICKY = json.dumps(
    {
        "title": '括号 {"[ 与引号 \\" 之间',
        "scenes": [
            {"narration": '他说："}]"。', "card": {"kind": "list", "items": ["{", "]", "\\"]}},
            {"narration": "二", "card": {"kind": "bars", "bars": [{"label": "一", "value": 1}]}},
        ],
    }
)


@given(cuts=st.lists(st.integers(0, len(TRICKY)), max_size=12))
def test_the_count_does_not_depend_on_where_the_stream_is_cut(cuts: list[int]) -> None:
    count = SceneCount()
    edges = [0, *sorted(cuts), len(TRICKY)]

    counts = [count.feed(TRICKY[a:b]) for a, b in pairwise(edges)]

    assert counts == sorted(counts)
    assert counts[-1] == 2


def test_a_scene_counts_when_its_own_brace_closes() -> None:
    text, count = script_text(3), SceneCount()

    seen = [count.feed(letter) for letter in text]

    assert [seen.index(n) for n in (1, 2, 3)] == [
        at for at, letter in enumerate(text) if text[at - 1 : at + 1] == "}}"
    ][:3]


def test_words_around_the_json_are_no_scenes() -> None:
    assert SceneCount().feed('Here you are ["[{x}]"]:\n```json\n' + script_text(4) + "\n```") == 4
