"""Cards laid out: everything fits, nothing collides, the captions' strip stays free."""

from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_worker.render.boxes import Box, Frame
from media_worker.render.captions import strip
from media_worker.render.fonts import text_width
from media_worker.render.footage import _label
from media_worker.render.frames import ZOOM
from media_worker.render.gallery import CASES, HARD, Case
from media_worker.render.layout import layout
from media_worker.render.port import SIZES
from media_worker.render.styles import style_of
from shared.looks import THEMES
from shared.messages.script import (
    Bar,
    BarsCard,
    Card,
    FootageCard,
    LineCard,
    ListCard,
    NumberCard,
    PictureCard,
    Point,
    QuoteCard,
    Side,
    SplitCard,
    StepsCard,
    TitleCard,
)

FRAMES = {aspect: Frame(width=w, height=h) for aspect, (w, h) in SIZES.items()}
THEME_IDS = [theme.id for theme in THEMES]
# What no text may lie on: panels and rows carry text, a figure may stand before its line.
THINGS = {"picture", "bar", "trough", "dot", "link", "rule", "mark", "badge"}
letters = st.sampled_from([*"雨水Ab ，。“8%🙂长שمж", "城市", "👨‍👩‍👧"])


def texts(most: int) -> st.SearchStrategy[str]:
    joined = st.lists(letters, min_size=1, max_size=most).map(lambda found: "".join(found)[:most])
    return joined.filter(str.strip)


def some(text: st.SearchStrategy[str], most: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(text, min_size=1, max_size=most).map(tuple)


sides = st.builds(
    Side, heading=texts(40), text=texts(160) | st.just(""), items=some(texts(80), 5) | st.just(())
)
values = st.floats(-1e9, 1e9, allow_nan=False)
cards: st.SearchStrategy[Card] = st.one_of(
    st.builds(TitleCard, subtitle=texts(60) | st.just("")),
    st.builds(ListCard, items=some(texts(60), 8)),
    st.builds(StepsCard, items=some(texts(60), 8)),
    st.builds(NumberCard, value=texts(24), label=texts(60) | st.just("")),
    st.builds(
        BarsCard,
        bars=some(st.builds(Bar, label=texts(40), value=values.map(abs)), 8),
        unit=texts(6) | st.just(""),
    ),
    st.builds(
        LineCard,
        points=st.lists(
            st.builds(Point, label=texts(20) | st.just(""), value=values), min_size=2, max_size=24
        ).map(tuple),
        unit=texts(6) | st.just(""),
    ),
    st.builds(QuoteCard, text=texts(120), source=texts(60) | st.just("")),
    st.builds(PictureCard, caption=texts(60) | st.just("")),
    st.builds(SplitCard, left=sides, right=sides),
)


@settings(max_examples=150)
@given(
    heading=texts(60) | st.just(""),
    card=cards,
    aspect=st.sampled_from(sorted(SIZES)),
    theme=st.sampled_from(THEME_IDS),
    ratio=st.floats(0.1, 8),
)
def test_whatever_a_card_says_fits_its_boxes_and_leaves_the_strip_to_the_captions(
    heading: str, card: Card, aspect: str, theme: str, ratio: float
) -> None:
    holds(Case(heading=heading, card=card, caption="", ratio=ratio), aspect, theme)


@pytest.mark.parametrize("theme", THEME_IDS)
@pytest.mark.parametrize("aspect", sorted(SIZES))
def test_every_case_of_the_gallery_fits(aspect: str, theme: str) -> None:
    for case in (*CASES, *HARD):
        holds(case, aspect, theme)


def laid_out(case: Case, aspect: str, theme: str) -> list[Box]:
    page = style_of(theme, case.heading, case.card).page(FRAMES[aspect])
    ratio = case.ratio if isinstance(case.card, PictureCard | FootageCard) else None
    return layout(case.heading, case.card, page, ratio)


def holds(case: Case, aspect: str, theme: str) -> list[Box]:
    """The laid-out boxes: in their places, the text inside, clear of one another."""
    frame, boxes = FRAMES[aspect], laid_out(case, aspect, theme)
    said = [box for box in boxes if box.text]
    free = _upright_limits() if aspect == "9:16" else (0, 0, frame.width, frame.height)
    for box in boxes:
        left, top, right = (
            _zoomed(box.x0, frame.width),
            _zoomed(box.y0, frame.height),
            _zoomed(box.x1, frame.width),
        )
        assert left >= free[0] - 1
        assert top >= free[1] - 1
        assert right <= free[2] + 1
        assert _zoomed(box.y1, frame.height) <= strip(frame)[0] * frame.height
    for box in said:
        assert box.text.height <= box.height + 1 or len(box.text.lines) == 1
        widest = max(text_width(line, box.text.size, box.letters) for line in box.text.lines)
        assert widest <= box.width + 1 or len(box.text.lines[0]) == 1
        assert box.text.size >= frame.unit * 0.0175
    assert not [pair for pair in combinations(said, 2) if _overlap(*pair)]
    things = [box for box in boxes if box.role in THINGS]
    free_of = [box for box in said if box.tone != "on_accent"]
    assert not [pair for pair in product(free_of, things) if _overlap(*pair)]
    return boxes


PROSE = (
    "城市更新不只是把旧房子拆掉重建，而是让人们愿意留下来的一整套办法，一点一点地变好，"
    "一年一年地接着做下去，直到街坊都很满意"
)


@pytest.mark.parametrize("theme", THEME_IDS)
@pytest.mark.parametrize("aspect", sorted(SIZES))
def test_a_heading_of_sixty_characters_is_whole_above_every_card(aspect: str, theme: str) -> None:
    assert len(PROSE) == 60
    for case in (*CASES, *HARD):
        boxes = holds(replace(case, heading=PROSE), aspect, theme)

        assert headline(boxes) == PROSE, case.heading


EDGES = {
    "one character": "雨",
    "sixty characters": PROSE,
    "a long word": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunter",
    "emoji": "👍🏽🎉👨‍👩‍👧‍👦🇨🇳❤️🌧️🏙️" * 3,
    "right to left": "مدينة الإسفنج تحتفظ بمياه الأمطار 40% طوال العام כל השנה",
}


def filled(text: str) -> list[Case]:
    """Every kind of card with this text wherever it takes one."""
    side = Side(heading=text[:40], text=text, items=(text,) * 3)
    cards: list[Card] = [
        TitleCard(subtitle=text),
        ListCard(items=(text,) * 6),
        StepsCard(items=(text,) * 4),
        NumberCard(value=text[:24], label=text),
        BarsCard(bars=tuple(Bar(label=text[:40], value=n) for n in range(5)), unit=text[:6]),
        LineCard(points=tuple(Point(label=text[:20], value=n % 4) for n in range(9)), unit="吨"),
        QuoteCard(text=text, source=text),
        SplitCard(left=side, right=side),
        *(PictureCard(caption=text) for _ in (0.56, 1.0, 1.78)),
        FootageCard(frame="panel", caption=text),
    ]
    ratios = [None] * 8 + [0.56, 1.0, 1.78, 1.78]
    return [
        Case(heading=text, card=card, caption=text, ratio=ratio)
        for card, ratio in zip(cards, ratios, strict=True)
    ]


@pytest.mark.parametrize("text", EDGES.values(), ids=EDGES)
@pytest.mark.parametrize("aspect", sorted(SIZES))
def test_hard_texts_lie_on_no_picture_bar_or_rule_and_not_on_one_another(
    aspect: str, text: str
) -> None:
    for theme, case in product(THEME_IDS, filled(text)):
        holds(case, aspect, theme)


@pytest.mark.parametrize("text", EDGES.values(), ids=EDGES)
@pytest.mark.parametrize("aspect", sorted(SIZES))
def test_a_label_over_footage_is_clear_of_the_captions(aspect: str, text: str) -> None:
    frame = FRAMES[aspect]
    for theme in THEME_IDS:
        label = _label(text, frame, style_of(theme, text, FootageCard()))

        assert label is not None
        assert label.y >= frame.height * (0.12 if frame.tall else 0.04)
        tall, wide = label.planes[0][0].shape
        assert label.y + tall < strip(frame)[0] * frame.height
        assert 0 <= label.x <= label.x + wide <= frame.width


ideographs = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
sixty = st.lists(ideographs | st.sampled_from("，、。！？；：“”《》（）"), min_size=60, max_size=60)


@settings(max_examples=60)
@given(
    heading=sixty.map("".join),
    case=st.sampled_from((*CASES, *HARD)),
    aspect=st.sampled_from(sorted(SIZES)),
    theme=st.sampled_from(THEME_IDS),
)
def test_any_sixty_chinese_characters_are_whole(
    heading: str, case: Case, aspect: str, theme: str
) -> None:
    assert headline(laid_out(replace(case, heading=heading), aspect, theme)) == heading


def headline(boxes: list[Box]) -> str:
    return next("".join(box.text.lines) for box in boxes if box.text)


@pytest.mark.parametrize("aspect", sorted(SIZES))
def test_a_picture_card_without_its_picture_is_a_title(aspect: str) -> None:
    page = style_of("auto", "湿地", TitleCard()).page(FRAMES[aspect])

    without = layout("湿地", PictureCard(caption="雨季"), page)

    assert without == layout("湿地", TitleCard(subtitle="雨季"), page)


@pytest.mark.parametrize("ratio", [0.3, 0.75, 1.0, 1.5, 3.0])
@pytest.mark.parametrize("aspect", sorted(SIZES))
def test_a_picture_is_never_cropped_or_stretched(aspect: str, ratio: float) -> None:
    page = style_of("paper", "湿地", TitleCard()).page(FRAMES[aspect])

    boxes = layout("湿地", PictureCard(caption="雨季里的湿地"), page, ratio)

    [shown] = [box for box in boxes if box.role == "picture"]
    assert shown.width / shown.height == pytest.approx(ratio, rel=0.01)
    assert shown.width * shown.height >= 0.04 * page.frame.width * page.frame.height


def test_two_sides_have_panels_of_one_size() -> None:
    card = SplitCard(
        left=Side(heading="从前", items=("一", "二", "三")), right=Side(heading="现在")
    )

    for frame in FRAMES.values():
        page = style_of("auto", "两种城市", card).page(frame)
        one, two = [box for box in layout("两种城市", card, page) if box.role == "panel"]

        assert (one.width, one.height) == pytest.approx((two.width, two.height))


def test_a_line_rises_where_its_values_rise() -> None:
    card = LineCard(points=tuple(Point(label=str(n), value=v) for n, v in enumerate((1, 5, 3))))
    page = style_of("auto", "线", card).page(FRAMES["16:9"])

    [line] = [box for box in layout("线", card, page) if box.role == "line"]

    (_, first), (_, second), (_, third) = line.points
    assert second < third < first


def _upright_limits() -> tuple[float, float, float]:
    """Left, top and right of what phone apps leave free on an upright screen."""
    frame = FRAMES["9:16"]
    return frame.width * 0.06, frame.height * 0.12, frame.width * 0.89


def _zoomed(place: float, side: int) -> float:
    """Where a place of the still lies at the zoom that moves it furthest outwards."""
    return side / 2 + (place - side / 2) * (1 + ZOOM)


def _overlap(one: Box, two: Box) -> bool:
    """Whether the text of two boxes collides (a badge's number lies on its badge, not on text)."""
    return (
        min(one.x1, two.x1) - max(one.x0, two.x0) > 1
        and min(one.y1, two.y1) - max(one.y0, two.y0) > 1
    )
