"""What a demo makes of a user's few words."""

from pathlib import Path

import pytest

from local_stack.errors import StackError
from local_stack.order import file_name, language_of, order_from, titled

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_without_an_article_the_example_of_the_language_is_taken(language: str) -> None:
    order = order_from({"DEMO_LANGUAGE": language}, EXAMPLES)

    assert order.language == language == language_of(order.article)
    assert not order.article.startswith("#")


def test_an_article_with_spaces_in_its_path_tells_its_language_itself(tmp_path: Path) -> None:
    file = tmp_path / "my article.txt"
    file.write_text("Rain falls on the city.")

    order = order_from({"DEMO_ARTICLE": str(file), "DEMO_ASPECT": "9:16"}, EXAMPLES)

    assert (order.title, order.language, order.aspect) == ("my article", "en", "9:16")
    assert order.body["targetSeconds"] == 60


@pytest.mark.parametrize(
    ("env", "words"),
    [
        pytest.param({"DEMO_ARTICLE": "nowhere.md"}, "can't be read", id="no such file"),
        pytest.param({"DEMO_SECONDS": "a minute"}, "15 to 600", id="seconds in words"),
        pytest.param({"DEMO_SECONDS": "5"}, "15 to 600", id="too few seconds"),
        pytest.param({"DEMO_ARTICLE": "/dev/null"}, "nothing to tell", id="an empty article"),
        pytest.param({"DEMO_ASPECT": "4:3"}, "16:9, 9:16, 1:1", id="an unknown shape"),
        pytest.param({"DEMO_LANGUAGE": "fr"}, "zh-CN, en", id="an unknown language"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(env: dict[str, str], words: str) -> None:
    with pytest.raises(StackError, match=words):
        order_from(env, EXAMPLES)


def test_a_first_heading_is_the_title_and_not_narrated() -> None:
    assert titled("# 海绵城市\n\n雨水。", "file") == ("海绵城市", "雨水。")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("城市用COP衡量热泵的效率", "zh-CN", id="Chinese with an acronym"),
        pytest.param("The word 咖啡 means coffee.", "en", id="English with a Chinese word"),
        pytest.param("42", "en", id="no letters"),
    ],
)
def test_the_language_is_told_from_the_letters(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("title", "name"),
    [
        pytest.param("一杯咖啡的余温：城市", "一杯咖啡的余温-城市", id="Chinese"),
        pytest.param("../../etc/passwd", "etc-passwd", id="no way out of the folder"),
        pytest.param("???", "video", id="nothing left"),
    ],
)
def test_a_title_becomes_a_safe_file_name(title: str, name: str) -> None:
    assert file_name(title) == name
