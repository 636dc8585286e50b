"""The themes: legible everywhere, really different, the same for the same scene."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from media_worker.look import pictured, sheet
from media_worker.render.boxes import Box, Frame
from media_worker.render.captions import strip
from media_worker.render.cards import Canvas, still, tones
from media_worker.render.color import contrast, luminance
from media_worker.render.gallery import CASES, HARD, photo
from media_worker.render.grounds import ground
from media_worker.render.layout import layout
from media_worker.render.port import SIZES
from media_worker.render.styles import _THEMES, Style, soft_hue, style_of
from shared.errors import StageError
from shared.looks import MUSIC, THEMES, is_mood, is_music, is_own_music, is_theme
from shared.messages.base import Aspect
from shared.messages.script import ListCard, PictureCard, TitleCard

pytestmark = pytest.mark.timeout(60)
THEME_IDS = [theme.id for theme in THEMES]
SHARES = [0.0, 0.13, 0.27, 0.41, 0.55, 0.69, 0.83, 0.97]
PICTURES = Path(__file__).parents[3] / "docs" / "pictures"
LEAST = 4.5
ASPECTS: tuple[Aspect, ...] = get_args(Aspect)


def light(color: tuple[int, int, int]) -> float:
    return float(luminance(np.array(color)))


def behind(pixels: np.ndarray, box: Box) -> tuple[float, float]:
    """The darkest and the brightest luminance in a box (but for one pixel in a hundred)."""
    inside = pixels[max(0, int(box.y0)) : int(box.y1) + 1, max(0, int(box.x0)) : int(box.x1) + 1]
    found = luminance(inside)
    return float(np.quantile(found, 0.01)), float(np.quantile(found, 0.99))


def _text_only(box: Box) -> Box:
    """Without the air above and below, where a panel's outline may lie."""
    air = max(0.0, (box.height - box.text.height) / 2)
    return replace(box, y0=box.y0 + air, y1=box.y1 - air)


def _middle(box: Box) -> Box:
    """Of a badge, which may be round."""
    across, down = box.width * 0.3, box.height * 0.3
    return replace(box, x0=box.x0 + across, x1=box.x1 - across, y0=box.y0 + down, y1=box.y1 - down)


def least_contrast(color: tuple[int, int, int], around: tuple[float, float]) -> float:
    return min(contrast(light(color), place) for place in around)


def test_the_catalogue_and_the_renderer_know_the_same_themes() -> None:
    assert sorted(_THEMES) == sorted(THEME_IDS)
    assert len(THEMES) >= 4
    assert all(is_theme(theme) for theme in THEME_IDS)
    assert not is_theme("neon")


def test_every_choice_has_a_name_in_both_languages() -> None:
    for choice in (*THEMES, *MUSIC):
        assert all(choice.name[language] for language in ("zh-CN", "en"))
        assert all(choice.about[language] for language in ("zh-CN", "en"))


@pytest.mark.parametrize(
    ("music", "kind"),
    [
        pytest.param("none", (True, False, False), id="silence"),
        pytest.param("calm", (True, True, False), id="a mood"),
        pytest.param("blob/" + "0" * 64 + ".mp3", (True, False, True), id="the user's own"),
        pytest.param("blob/../../etc/passwd", (False, False, False), id="another path"),
        pytest.param("jazz", (False, False, False), id="an unknown mood"),
    ],
)
def test_music_is_a_mood_or_a_blob(music: str, kind: tuple[bool, bool, bool]) -> None:
    assert (is_music(music), is_mood(music), is_own_music(music)) == kind


def test_a_theme_that_is_not_known_is_refused_for_good() -> None:
    with pytest.raises(StageError) as refused:
        style_of("neon", "雨", TitleCard())

    assert (refused.value.code, refused.value.retryable) == ("theme_unknown", False)


@pytest.mark.parametrize("theme", THEME_IDS)
def test_all_text_of_every_card_has_contrast_where_it_stands(theme: str) -> None:
    frame = Frame(width=640, height=360)
    for case in (*CASES, HARD[3], HARD[8], HARD[10]):
        shown = photo(case.ratio) if isinstance(case.card, PictureCard) and case.ratio else None
        style = style_of(theme, case.heading, case.card)
        boxes = layout(case.heading, case.card, style.page(frame), case.ratio if shown else None)
        canvas = Canvas(style, frame, shown)
        canvas.shapes(boxes)
        pixels = np.asarray(canvas.image)
        for box in boxes:
            if box.text is None:
                continue
            ink = tones(style)[box.tone]
            halo = light(style.halo)
            place = _middle(box) if box.tone == "on_accent" else _text_only(box)
            around = (halo, halo) if box.halo else behind(pixels, place)
            assert least_contrast(ink, around) >= LEAST, (case.heading, box.tone, ink)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("theme", THEME_IDS)
def test_whatever_the_scene_its_inks_have_contrast_on_the_ground(theme: str, share: float) -> None:
    style = _THEMES[theme](share)

    pixels = ground(style, 320, 180)

    page = style.page(Frame(width=320, height=180)).whole
    around = behind(pixels, Box(role="panel", x0=page.x0, y0=page.y0, x1=page.x1, y1=page.y1))
    for color in (style.ink, style.soft, style.accent):
        assert least_contrast(color, around) >= LEAST
    assert contrast(light(style.accent), light(style.on_accent)) >= LEAST


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("theme", THEME_IDS)
def test_captions_have_contrast_on_their_edge_and_on_the_ground(theme: str, share: float) -> None:
    style, frame = _THEMES[theme](share), Frame(width=320, height=180)
    top, bottom, wide = strip(frame)
    area = Box(
        role="panel",
        x0=frame.width * (1 - wide) / 2,
        x1=frame.width * (1 + wide) / 2,
        y0=frame.height * top,
        y1=frame.height * bottom,
    )

    around = behind(ground(style, frame.width, frame.height), area)

    edge = light(style.caption_edge)
    assert contrast(light(style.caption_accent), edge) >= LEAST
    assert least_contrast(style.ink, (*around, edge)) >= LEAST
    assert style.caption_accent != style.ink


def test_the_themes_look_different() -> None:
    card, frame = ListCard(items=("透水铺装", "雨水花园", "调蓄池")), Frame(width=320, height=180)

    drawn = {
        theme: np.asarray(still("三个办法", card, frame, style_of(theme, "三个办法", card)))
        for theme in THEME_IDS
    }

    for one, two in combinations(THEME_IDS, 2):
        assert np.abs(drawn[one].astype(int) - drawn[two].astype(int)).mean() > 10, (one, two)
    styles = [_signature(_THEMES[theme](0.3)) for theme in THEME_IDS]
    assert len(set(styles)) == len(styles)


def _signature(style: Style) -> tuple[object, ...]:
    return style.ground, style.face, style.align, style.row, style.badge_radius, style.panel.frosted


@pytest.mark.parametrize("theme", THEME_IDS)
def test_the_same_scene_looks_the_same_wherever_it_stands(theme: str) -> None:
    frame, style = Frame(width=160, height=90), style_of(theme, "海绵城市", TitleCard())

    one = np.asarray(still("海绵城市", TitleCard(), frame, style))
    two = np.asarray(still("海绵城市", TitleCard(), frame, style))

    assert (one == two).all()


def test_olive_never_comes_up() -> None:
    hues = [soft_hue(share) % 1 for share in np.linspace(0, 1, 500)]

    assert not [hue for hue in hues if 0.03 < hue < 0.12]


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("theme", THEME_IDS)
def test_the_gallery_of_hard_cases_is_drawn_in_all_three_aspects(
    theme: str, aspect: Aspect
) -> None:
    width, height = SIZES[aspect]
    for case in HARD:
        drawn = pictured(case, theme, aspect, 0.1)
        assert np.ptp(np.asarray(drawn.convert("L"))) > 60, case.heading
        assert abs(drawn.width / drawn.height - width / height) < 0.02


def test_contact_sheets_are_drawn() -> None:
    assert sheet(HARD[:2], "paper", 0.1, across=1).height > 200


def test_the_sheets_in_the_docs_are_there_and_light() -> None:
    for name in ("look", "look-edges", "look-motion", *(f"look-{theme}" for theme in THEME_IDS)):
        assert (PICTURES / f"{name}.jpg").stat().st_size < 400_000
