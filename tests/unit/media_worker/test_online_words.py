"""Words of online voices: matched with the text, or spread over what is heard. Texts in parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tones import RATE, tones

from media_worker.speech.online.matching import matched
from media_worker.speech.online.splitting import split
from media_worker.speech.online.spread import spread
from shared.messages.base import Language
from shared.messages.manifest import Word

TEXT = "雨水花园让城市呼吸，AI也能帮忙。Ask me anything, 你说呢？"


def heard(*texts: str) -> list[Word]:
    return [
        Word(start_ms=100 * number, end_ms=100 * number + 90, text=text)
        for number, text in enumerate(texts)
    ]


def test_what_stands_between_the_words_is_kept_and_takes_no_time() -> None:
    words = matched("你好，“世界”！", heard("你好", "世界"))

    assert [word.text for word in words] == ["你好", "，", "“", "世界", "”", "！"]
    assert [(w.start_ms, w.end_ms) for w in words if w.text in "，“”！"] == [
        *((90, 90), (90, 90), (190, 190), (190, 190))
    ]


def test_a_word_said_otherwise_than_written_lies_between_its_neighbours() -> None:
    words = matched("涨了40%左右", heard("涨了", "百分之四十", "左右"))

    assert [(w.text, w.start_ms, w.end_ms) for w in words] == [
        ("涨了", 0, 90),
        ("40%", 90, 200),
        ("左右", 200, 290),
    ]


def test_words_that_end_long_before_the_text_are_a_cut_reply() -> None:
    with pytest.raises(ValueError, match="end at character 2"):
        matched("你好，雨水花园让城市呼吸也能帮忙。", heard("你好"))


def test_spread_words_agree_with_the_clauses_that_are_heard() -> None:
    made = tones(TEXT)

    words = spread(TEXT, "zh-CN", made.samples, RATE)

    starts = {word.text: word.start_ms for word in words}
    known = {word: at for word, at, _ in made.words}
    assert "".join(word.text for word in words) == TEXT
    assert starts["AI"] == pytest.approx(known["AI"], abs=60)
    assert starts["Ask"] == pytest.approx(known["Ask"], abs=60)
    assert starts["雨水"] == pytest.approx(known["雨"], abs=60)


@given(
    st.text(alphabet="雨水花园AIab ，。！？.,😀\n40%", max_size=80),
    st.sampled_from(["zh-CN", "en"]),
)
def test_spread_words_are_the_whole_text_in_order(text: str, language: Language) -> None:
    words = spread(text, language, tones(text or "。").samples, RATE)

    assert "".join(word.text for word in words) == text
    times = [time for word in words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)


@given(st.text(alphabet="雨水。. a\n", max_size=300), st.integers(5, 60))
def test_parts_are_short_enough_and_lose_nothing(text: str, most: int) -> None:
    parts = split(text, most)

    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(len(part) <= most for part in parts) or not text.strip()


def test_parts_are_cut_behind_sentences() -> None:
    assert split("雨水花园。城市呼吸。街道凉快。", 11) == ["雨水花园。城市呼吸。", "街道凉快。"]
