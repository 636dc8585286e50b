"""Cards laid out: everything fits, nothing collides, the captions' quarter stays free."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_worker.render.boxes import Box, Frame
from media_worker.render.captions import TOP, caption_fit, caption_image
from media_worker.render.cards import picture
from media_worker.render.fonts import text_width
from media_worker.render.frames import ZOOM
from media_worker.render.layout import layout
from media_worker.render.port import SIZES
from media_worker.render.theme import accent_of, background, hue_of, luminance
from shared.messages.script import (
    Bar,
    BarsCard,
    Card,
    ListCard,
    NumberCard,
    QuoteCard,
    StepsCard,
    TitleCard,
)

FRAMES = {aspect: Frame(width=w, height=h) for aspect, (w, h) in SIZES.items()}
letters = st.sampled_from(["雨", "水", "城", "A", "b", " ", "，", "。", "8", "%", "🙂", "长"])


def texts(most: int) -> st.SearchStrategy[str]:
    return st.lists(letters, min_size=1, max_size=most).map("".join).filter(str.strip)


cards: st.SearchStrategy[Card] = st.one_of(
    st.builds(TitleCard, subtitle=texts(60) | st.just("")),
    st.builds(ListCard, items=st.lists(texts(40), min_size=1, max_size=8).map(tuple)),
    st.builds(StepsCard, items=st.lists(texts(30), min_size=1, max_size=8).map(tuple)),
    st.builds(NumberCard, value=texts(24), label=texts(60) | st.just("")),
    st.builds(
        BarsCard,
        bars=st.lists(
            st.builds(Bar, label=texts(20), value=st.floats(0, 1e9)), min_size=1, max_size=8
        ).map(tuple),
        unit=texts(6) | st.just(""),
    ),
    st.builds(QuoteCard, text=texts(120), source=texts(30) | st.just("")),
)


@settings(max_examples=120)
@given(heading=texts(60) | st.just(""), card=cards, aspect=st.sampled_from(sorted(SIZES)))
def test_whatever_a_card_says_fits_its_boxes_and_leaves_the_lower_quarter_to_the_captions(
    heading: str, card: Card, aspect: str
) -> None:
    frame = FRAMES[aspect]

    boxes = layout(heading, card, frame)

    words = [box for box in boxes if box.text]
    for box in boxes:
        assert box.x0 >= 0
        assert box.x1 <= frame.width
        assert box.y0 >= 0
        assert _zoomed(box.y1 / frame.height) <= 0.75
    for box in words:
        assert box.text.height <= box.height + 1 or len(box.text.lines) == 1
        widest = max(text_width(line, box.text.size, box.weight) for line in box.text.lines)
        assert widest <= box.width + 1 or len(box.text.lines[0]) == 1
    assert not [pair for pair in combinations(words, 2) if _overlap(*pair)]


@given(text=texts(20), aspect=st.sampled_from(sorted(SIZES)))
def test_captions_are_whole_and_alone_in_the_lower_quarter(text: str, aspect: str) -> None:
    frame = FRAMES[aspect]

    image, x, y = caption_image(text, frame)

    assert not caption_fit(text, frame).shortened
    assert y >= frame.height * 0.75
    assert y + image.height <= frame.height
    assert 0 <= x <= x + image.width <= frame.width


@pytest.mark.parametrize("hue", np.linspace(0.48, 0.97, 8))
def test_white_text_has_contrast_on_every_background(hue: float) -> None:
    still = np.asarray(background(320, 180, float(hue)).convert("RGB"))

    brightest = np.quantile(luminance(still), 0.999)

    assert (1 + 0.05) / (brightest + 0.05) >= 4.5


@pytest.mark.parametrize("hue", np.linspace(0.48, 0.97, 8))
def test_the_accent_has_contrast_under_dark_text_and_on_the_background(hue: float) -> None:
    accent = luminance(np.array(accent_of(float(hue))))
    dark = luminance(np.array([16, 18, 34]))
    behind = np.quantile(
        luminance(np.asarray(background(160, 90, float(hue)).convert("RGB"))), 0.99
    )

    assert (accent + 0.05) / (dark + 0.05) >= 4.5
    assert (accent + 0.05) / (behind + 0.05) >= 4.5


def test_white_text_on_a_frosted_panel_has_contrast() -> None:
    card = ListCard(items=("透水铺装", "雨水花园"))
    frame = Frame(width=640, height=360)
    still = np.asarray(picture("三个办法", card, frame))
    panels = [box for box in layout("三个办法", card, frame) if box.role == "panel"]

    for panel in panels:
        inside = still[
            int(panel.y0) + 4 : int(panel.y1) - 4, int(panel.x1) - 60 : int(panel.x1) - 8
        ]
        assert (1 + 0.05) / (np.quantile(luminance(inside), 0.99) + 0.05) >= 4.5


def test_olive_never_comes_up() -> None:
    hues = [hue_of(f"第{n}段", TitleCard()) % 1 for n in range(500)]

    assert not [hue for hue in hues if 0.03 < hue < 0.12]


def test_the_same_scene_looks_the_same_wherever_it_stands() -> None:
    frame = Frame(width=160, height=90)

    one = np.asarray(picture("海绵城市", TitleCard(), frame))
    two = np.asarray(picture("海绵城市", TitleCard(), frame))

    assert (one == two).all()


def test_the_captions_strip_is_the_lower_quarter() -> None:
    assert TOP >= 0.75


def _zoomed(share: float) -> float:
    """Where a share of the still's height lies at the greatest zoom."""
    return 0.5 + (share - 0.5) * (1 + ZOOM)


def _overlap(one: Box, two: Box) -> bool:
    """Whether the text of two boxes collides (a badge's number lies on its badge, not on text)."""
    return (
        min(one.x1, two.x1) - max(one.x0, two.x0) > 1
        and min(one.y1, two.y1) - max(one.y0, two.y0) > 1
    )
