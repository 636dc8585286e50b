"""Sentences and paragraphs as a reader sees them."""

import pytest

from script_worker.writers.openers import leans, without_link
from script_worker.writers.paragraphs import paragraphs
from script_worker.writers.sentences import LONGEST, split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("好吗？好！！走。", ["好吗？", "好！！", "走。"], id="chinese marks"),
        pytest.param("圆周率是3.14。对。", ["圆周率是3.14。", "对。"], id="a decimal is whole"),
        pytest.param(
            "他说：“今天很冷。我不去了。”然后走了。",
            ["他说：“今天很冷。我不去了。”", "然后走了。"],
            id="a quotation is whole",
        ),
        pytest.param("“太好了！”他说。走吧。", ["“太好了！”他说。", "走吧。"], id="speaker behind"),
        pytest.param("他想了想……还是去了。", ["他想了想……还是去了。"], id="chinese ellipsis"),
        pytest.param(
            "Dr. Smith paid $3.50. He left.", ["Dr. Smith paid $3.50.", "He left."], id="title"
        ),
        pytest.param(
            '"Is it? Yes." He nodded.', ['"Is it? Yes."', "He nodded."], id="straight quotes"
        ),
        pytest.param('"Stop!" she said.', ['"Stop!" she said.'], id="she said"),
        pytest.param("He left... and came.", ["He left... and came."], id="ellipsis goes on"),
        pytest.param("See e.g. Node.js docs.", ["See e.g. Node.js docs."], id="abbreviation"),
        pytest.param(
            "The U.S. economy grew. We met at 5 p.m. The end.",
            ["The U.S. economy grew.", "We met at 5 p.m.", "The end."],
            id="abbreviation that may end a sentence",
        ),
        pytest.param(
            "Python很快。It works. 好。", ["Python很快。", "It works.", "好。"], id="mixed"
        ),
        pytest.param("**粗体**和[链接](http://x.y/z)。", ["粗体和链接。"], id="inline marks"),
    ],
)
def test_a_paragraph_is_cut_where_a_reader_would_stop(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_a_sentence_without_marks_is_cut_into_parts_that_fit() -> None:
    parts = split("字" * 2_000)

    assert "".join(parts) == "字" * 2_000
    assert max(map(len, parts)) <= LONGEST


def test_wrapped_lines_are_one_paragraph() -> None:
    text = "The garden behind the old station was closed for\nyears. Then it opened.\n\nNew one."

    found = paragraphs(text)

    assert [part.sentences[0] for part in found][1:] == ["New one."]
    assert found[0].sentences[0].endswith("for years.")


def test_a_line_above_is_a_heading_and_a_list_is_one_paragraph() -> None:
    found = paragraphs("茶的做法\r\n要快。要轻。\r\n## 步骤\r\n1. 摊晾\r\n2. 杀青\r\n")

    assert [(part.heading, part.sentences, part.ordered) for part in found] == [
        ("茶的做法", ("要快。", "要轻。"), False),
        ("步骤", ("摊晾。", "杀青。"), True),
    ]


def test_tags_and_entities_are_not_read_out() -> None:
    found = paragraphs("<p>Tom &amp; Ann</p><p>They <b>left</b>.</p>")

    assert [s for part in found for s in part.sentences][-1] == "They left."
    assert "<" not in str(found)


@pytest.mark.parametrize(
    ("sentence", "needs"),
    [
        ("它很快。", True),
        ("这意味着什么？", True),
        ("但它很快。", True),
        ("其次是水。", False),
        ("其实不难。", False),
        ("This is why.", True),
        ("However, they left.", True),
        ("This year was dry.", False),
        ("It is easy to forget.", False),
        ("Italy is warm.", False),
        ("Thistles grow here.", False),
    ],
)
def test_a_pronoun_leans_on_the_sentence_before(sentence: str, needs: bool) -> None:  # noqa: FBT001
    assert leans(sentence) is needs


@pytest.mark.parametrize(
    ("sentence", "bare"),
    [
        ("但水更多。", "水更多。"),
        ("此外，水更多。", "水更多。"),
        ("However, rain helps.", "Rain helps."),
        ("But rain helps.", "Rain helps."),
        ("而是水。", "而是水。"),
        ("但丁写诗。", "但丁写诗。"),
        ("So far, so good.", "So far, so good."),
        ("Instead of rain, sun.", "Instead of rain, sun."),
        ("但是。", "但是。"),
    ],
)
def test_a_conjunction_is_dropped_only_where_the_rest_stands(sentence: str, bare: str) -> None:
    assert without_link(sentence) == bare
