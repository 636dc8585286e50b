"""Text as it is read aloud, and as it is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.speech.cues import MOST_WIDTH, captions, cut, width
from media_worker.speech.reading import clauses


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        pytest.param(
            "使用AI和Python",
            [("cmn", "使用"), ("en-us", "A I"), ("cmn", "和"), ("en-us", "Python")],
            id="Latin words inside Chinese",
        ),
        pytest.param("2023年", [("cmn", "二零二三年")], id="a year, digit by digit"),
        pytest.param("减少40%", [("cmn", "减少百分之40")], id="per cent"),
        pytest.param("约3.5亿元", [("cmn", "约3点五亿元")], id="a decimal"),
        pytest.param("1,200吨", [("cmn", "1200吨")], id="thousands"),
        pytest.param("２０２５年", [("cmn", "二零二五年")], id="a full-width year"),
        pytest.param("约３.５亿元", [("cmn", "约3点五亿元")], id="a full-width decimal"),
        pytest.param("约３．５亿元", [("cmn", "约3点五亿元")], id="its point full-width too"),
        pytest.param("١٩٩٩年", [("cmn", "١٩٩٩年")], id="other figures, left to the voice"),
        pytest.param("10~20天", [("cmn", "10到20天")], id="a range"),
    ],
)
def test_figures_and_latin_words_are_read_as_a_speaker_would(text: str, runs: list) -> None:
    [clause] = clauses(text, "zh-CN")

    assert [(run.voice, run.text) for run in clause.runs] == runs


def test_english_is_read_by_the_english_voice_alone() -> None:
    spoken = clauses("It cost 1,200 dollars, or 5% more.", "en")

    assert {run.voice for clause in spoken for run in clause.runs} == {"en-us"}
    assert [clause.shown for clause in spoken] == ["It cost 1,200 dollars,", "or 5% more."]


@given(
    st.text(alphabet="雨水花园城市，。！？AI 3.5%,.!“”（）\n", max_size=80),
    st.sampled_from(["zh-CN", "en"]),
)
def test_no_word_of_the_narration_is_lost_between_the_captions(text: str, language: str) -> None:
    shown = "".join(clause.shown for clause in clauses(text, language))

    assert "".join(shown.split()) == "".join(text.split())


@given(st.text(alphabet="雨水花园AIword，。 ", min_size=1, max_size=300))
def test_a_long_clause_is_cut_into_captions_that_fit(text: str) -> None:
    pieces = cut(text)

    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(width(piece) <= MOST_WIDTH + 4 for piece in pieces)


@given(
    st.lists(
        st.tuples(st.integers(0, 5_000), st.text("雨水字幕", min_size=1, max_size=60)), max_size=6
    )
)
def test_captions_follow_one_another_without_overlap(parts: list) -> None:
    spans, at = [], 0
    for length, text in parts:
        spans.append((at, at + length, text))
        at += length

    cues = captions(spans)

    times = [time for cue in cues for time in (cue.start_ms, cue.end_ms)]
    assert times == sorted(times)
    assert "".join(cue.text for cue in cues) == "".join(text for _, text in parts)
