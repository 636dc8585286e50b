"""Letters: every one in a font that has it, right to left where it must be."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from media_worker.render.bidi import is_rtl, levels, reordered
from media_worker.render.fitting import fit, wrapped
from media_worker.render.fonts import Letters, _covers, _runs, draw_text, text_width
from media_worker.render.words import clusters, units

PLAIN = Letters()


@pytest.mark.parametrize("face", ["sans", "serif"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("海绵城市 𠮷 Ελλάδα Привет", id="what the Chinese faces have"),
        pytest.param("Tiếng Việt café", id="accents"),
        pytest.param("🙂👍🎉", id="emoji"),
        pytest.param("שלום", id="Hebrew"),
        pytest.param("مرحبا", id="Arabic"),
        pytest.param("हिन्दी ไทย", id="Indic and Thai"),
    ],
)
def test_every_letter_has_a_glyph(text: str, face) -> None:
    for run in _runs(text, face):
        assert all(_covers(run.file, letter) for letter in run.text), run


def test_a_family_of_emoji_is_one_character() -> None:
    assert clusters("👨‍👩‍👧👍🏽🇨🇳é") == ["👨‍👩‍👧", "👍🏽", "🇨🇳", "é"]
    assert text_width("👨‍👩‍👧", 40, PLAIN) < 1.5 * text_width("🙂", 40, PLAIN)


def test_quotation_marks_are_narrow_in_latin_text_and_wide_in_chinese() -> None:
    assert text_width("don’t", 40, PLAIN) < text_width("dont", 40, PLAIN) + 16
    assert text_width("“雨”", 40, PLAIN) > 100


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("abc 123", "abc 123", id="left to right"),
        pytest.param("שלום", "םולש", id="right to left"),
        pytest.param("abc שלום def", "abc םולש def", id="a word the other way"),
        pytest.param("abc שלום 123 def", "abc 123 םולש def", id="a number after it"),
        pytest.param("שלום, 123 abc!", "!abc 123 ,םולש", id="a line from the right"),
    ],
)
def test_the_order_of_mixed_lines(text: str, expected: str) -> None:
    assert "".join(reordered(text, levels(text))) == expected


def test_the_first_letter_with_a_direction_decides_the_lines() -> None:
    assert is_rtl("40% שלום")
    assert not is_rtl("40% hello שלום")
    assert not is_rtl("123")


def test_control_characters_are_not_drawn() -> None:
    assert text_width("雨\u202e\u200b\x07水", 40, PLAIN) == text_width("雨水", 40, PLAIN)


def test_the_letters_of_a_badge_stand_in_its_middle() -> None:
    image = Image.new("L", (100, 100))
    draw_text(ImageDraw.Draw(image), (30, 50), "8", 60, Letters("sans", "Bold"), fill=255)

    rows = np.flatnonzero(np.asarray(image).max(axis=1) > 128)

    assert abs((rows[0] + rows[-1]) / 2 - 50) <= 2


def test_a_word_is_cut_only_where_nothing_else_helps() -> None:
    assert wrapped("incomprehensibilities", 80, 20, PLAIN) == []

    cut = wrapped("incomprehensibilities", 80, 20, PLAIN, broken=True)

    assert "".join(cut) == "incomprehensibilities"
    assert all(text_width(line, 20, PLAIN) <= 80 for line in cut)


def test_no_last_line_of_one_character() -> None:
    fitted = fit("让土地自己把水吸进去城市才会呼吸", 300, 200, (20, 40), PLAIN)

    assert min(map(len, fitted.lines)) > 3


def test_what_does_not_fit_ends_with_an_ellipsis() -> None:
    fitted = fit("雨水" * 50, 100, 40, (12, 20), PLAIN)

    assert fitted.shortened
    assert fitted.lines[-1].endswith("…")
    assert all(text_width(line, fitted.size, PLAIN) <= 100 for line in fitted.lines)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        pytest.param("state-of-the-art", ("state-", "of-", "the-", "art"), id="hyphens"),
        pytest.param("40% off", ("40% ", "off"), id="figures"),
        pytest.param("《红楼梦》里", ("《红楼梦》", "里"), id="titles"),
        pytest.param("雨 水", ("雨 ", "水"), id="spaces"),
    ],
)
def test_between_which_pieces_a_line_may_end(text: str, pieces: tuple[str, ...]) -> None:
    assert units(text) == pieces
