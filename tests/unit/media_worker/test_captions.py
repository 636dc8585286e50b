"""Captions burned in: where lines end, which word is lit, where they stand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.render.boxes import Frame
from media_worker.render.captions import Caption, strip, timed
from media_worker.render.planes import Planes
from media_worker.render.port import SIZES
from media_worker.render.sprites import Captions
from media_worker.render.styles import style_of
from media_worker.render.words import NO_END, NO_START, units
from shared.messages.manifest import Cue, Word
from shared.messages.script import TitleCard

FRAMES = {aspect: Frame(width=w, height=h) for aspect, (w, h) in SIZES.items()}
AUTO = style_of("auto", "雨", TitleCard())
letters = st.sampled_from(
    [*"雨水城市管理变化A b，。、：；！？“”（）《》8%", "海绵城市", "rain ", "🙂"]
)
sentences = (
    st.lists(letters, min_size=1, max_size=20)
    .map("".join)
    .filter(lambda text: any(letter.isalnum() for letter in text))
)


def caption(text: str, aspect: str = "16:9") -> Caption:
    return Caption(text=text, frame=FRAMES[aspect], style=AUTO)


@given(text=sentences, aspect=st.sampled_from(sorted(SIZES)))
def test_captions_are_whole_and_alone_in_their_strip(text: str, aspect: str) -> None:
    frame, made = FRAMES[aspect], caption(text, aspect)

    width, height = made.size

    top, bottom, _ = strip(frame)
    assert not made.fitted.shortened
    assert made.y >= frame.height * top - 2
    assert made.y + height <= frame.height * bottom
    assert 0 <= made.x <= made.x + width <= frame.width


@pytest.mark.parametrize(
    "text",
    [
        "المدن الإسفنجية تمتص مياه الأمطار وتعيدها إلى الأرض ببطء",
        "ערים סופגות את מי הגשם ומחזירות אותם לאדמה לאט",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk",
        "雨水花园 rain gardens تجمع المطر 🌧️",
    ],
)
@pytest.mark.parametrize("aspect", sorted(SIZES))
def test_captions_of_other_scripts_and_long_words_stay_in_their_strip(
    text: str, aspect: str
) -> None:
    frame, made = FRAMES[aspect], caption(text, aspect)

    top, bottom, _ = strip(frame)
    assert not made.fitted.shortened
    assert frame.height * top - 2 <= made.y
    assert made.y + made.size[1] <= frame.height * bottom
    assert 0 <= made.x <= made.x + made.size[0] <= frame.width


def test_upright_captions_keep_clear_of_what_phone_apps_lay_over_them() -> None:
    frame = FRAMES["9:16"]
    made = caption("城市里的雨水管理正在发生变化，海绵城市", "9:16")

    assert made.y + made.size[1] <= frame.height * 0.80
    assert made.x >= frame.width * 0.11
    assert made.x + made.size[0] <= frame.width * 0.89


@given(text=sentences)
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(text: str) -> None:
    text = text.strip(NO_START + NO_END + " ")

    lines = caption(text, "9:16").fitted.lines

    for line in lines[1:]:
        assert line[0] not in NO_START
    for line in lines[:-1]:
        assert line[-1] not in NO_END


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(
            "城市里的雨水管理正在发生变化",
            ("城市", "雨水", "管理", "正在"),
            id="Chinese words are whole",
        ),
        pytest.param("它能减少40%的径流，AI 也能帮忙", ("40%", "AI"), id="figures and Latin"),
    ],
)
def test_lines_end_between_words(text: str, words: tuple[str, ...]) -> None:
    for size in ("9:16", "1:1", "16:9"):
        lines = caption(text * 2, size).fitted.lines

        found = "|".join(lines)
        assert all(found.count(word) == 2 for word in words), lines


def test_marks_stay_with_the_word_they_belong_to() -> None:
    assert units("“雨水”，（城市）管理。") == ("“雨水”，", "（城市）", "管理。")


def test_the_voices_own_times_say_which_word_is_lit() -> None:
    words = (
        Word(start_ms=100, end_ms=300, text="雨水"),
        Word(start_ms=300, end_ms=900, text="花园，"),
    )
    cue = Cue(start_ms=100, end_ms=900, text="雨水花园，", words=words)

    found = timed(cue)

    assert [found.spans[found.at(ms)] for ms in (100, 299, 300, 899)] == [
        (0, 2),
        (0, 2),
        (2, 5),
        (2, 5),
    ]


@given(text=sentences)
def test_without_word_times_the_time_is_shared_in_order_and_every_letter_once(text: str) -> None:
    found = timed(Cue(start_ms=500, end_ms=2_500, text=text))

    assert list(found.starts) == sorted(found.starts)
    assert found.starts[0] == 500
    assert found.starts[-1] < 2_500
    at = 0
    for start, end in found.spans:
        assert (start, end > start) == (at, True)
        at = end
    assert at == len("".join(text.split()))


def test_word_times_that_tell_another_text_are_not_believed() -> None:
    words = (Word(start_ms=0, end_ms=900, text="别的话"),)

    found = timed(Cue(start_ms=0, end_ms=900, text="雨水花园", words=words))

    assert found.spans == ((0, 2), (2, 4))


def lit_at(number: int, *, highlight: bool) -> tuple[Planes, int, int]:
    cue = Cue(
        start_ms=0,
        end_ms=1_000,
        text="雨水花园",
        words=(
            Word(start_ms=0, end_ms=500, text="雨水"),
            Word(start_ms=500, end_ms=1_000, text="花园"),
        ),
    )
    frame = FRAMES["16:9"]
    captions = Captions((cue,), frame, AUTO, voice_from=0, highlight=highlight)
    drawn = tuple(np.full((side, wide), 60, np.uint8) for side, wide in ((720, 1280),) * 1) + tuple(
        np.full((360, 640), 128, np.uint8) for _ in range(2)
    )
    found = captions.at(number)
    assert found is not None
    drawn = found.laid(drawn)
    left = drawn[1][:, :320].astype(int)
    right = drawn[1][:, 320:].astype(int)
    return drawn, int(np.abs(left - 128).sum()), int(np.abs(right - 128).sum())


def test_only_the_word_that_is_spoken_is_in_the_accent() -> None:
    _, plain_left, plain_right = lit_at(3, highlight=False)
    _, first_left, first_right = lit_at(3, highlight=True)
    _, second_left, second_right = lit_at(20, highlight=True)

    assert first_left > plain_left + 3_000
    assert abs(first_right - plain_right) < 300
    assert second_right > plain_right + 3_000
    assert abs(second_left - plain_left) < 300


def test_lighting_a_word_moves_no_letter() -> None:
    plain, _, _ = lit_at(3, highlight=False)
    lit, _, _ = lit_at(3, highlight=True)

    shape = np.abs(plain[0].astype(int) - 60) > 40
    assert (np.abs(lit[0].astype(int) - 60) > 40)[shape].mean() > 0.98


def test_there_is_no_caption_between_cues() -> None:
    captions = Captions(
        (Cue(start_ms=0, end_ms=500, text="雨"), Cue(start_ms=1_000, end_ms=1_500, text="水")),
        FRAMES["1:1"],
        AUTO,
        voice_from=10,
        highlight=True,
    )

    assert captions.at(9) is None
    assert captions.at(10) is not None
    assert captions.at(30) is None
    assert captions.at(41) is not None
