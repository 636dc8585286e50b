"""Right-to-left text as it is drawn: words from the right, figures and Latin words as they are."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from media_worker.render.boxes import Frame
from media_worker.render.captions import Caption
from media_worker.render.fonts import PLAIN, draw_text, text_width
from media_worker.render.styles import style_of
from shared.messages.script import TitleCard

SIZE = 40


def drawn(text: str) -> np.ndarray:
    """White on black, no wider than its letters."""
    image = Image.new("L", (round(text_width(text, SIZE, PLAIN)) + 8, 2 * SIZE))
    draw_text(ImageDraw.Draw(image), (4, SIZE), text, SIZE, PLAIN, fill=255)
    columns = np.flatnonzero(np.asarray(image).max(axis=0) > 40)
    return np.asarray(image)[:, columns[0] : columns[-1] + 1]


def found(part: str, line: np.ndarray) -> tuple[float, int]:
    """How like ``part`` the likest place of the line is, and where its left edge lies."""
    _, likeness, _, (x, _) = cv2.minMaxLoc(
        cv2.matchTemplate(line, drawn(part), cv2.TM_CCOEFF_NORMED)
    )
    return likeness, x


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(("مدينة", "تحتفظ", "1234", "سنوات"), id="Arabic with a figure"),
        pytest.param(("עיר", "שומרת", "2026", "מים"), id="Hebrew with a figure"),
        pytest.param(("مدينة", "rain", "مياه"), id="Arabic with a Latin word"),
    ],
)
def test_the_first_word_stands_at_the_right_and_each_is_as_it_is_alone(
    line: tuple[str, ...],
) -> None:
    whole = drawn(" ".join(line))

    places = [found(word, whole) for word in line]

    assert min(likeness for likeness, _ in places) > 0.9
    lefts = [x for _, x in places]
    assert lefts == sorted(lefts, reverse=True)
    assert lefts[0] + drawn(line[0]).shape[1] >= whole.shape[1] - 2


def test_the_digits_of_a_figure_run_from_left_to_right() -> None:
    whole = drawn("مدينة 1234 سنوات")

    assert found("1234", whole)[0] > 0.9 > found("4321", whole)[0]


def test_a_caption_lights_its_first_word_at_the_right() -> None:
    made = Caption(
        text="مدينة الإسفنج 40 سنة",
        frame=Frame(width=1280, height=720),
        style=style_of("auto", "雨", TitleCard()),
    )

    image = made.image()
    first, last = (made.lit(image, span)[1][0] for span in ((0, 5), (14, 17)))

    assert first[2] > made.size[0] * 0.8
    assert last[0] < made.size[0] * 0.2
