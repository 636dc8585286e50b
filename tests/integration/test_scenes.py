"""One scene, rendered: captions, zoom, pictures, themes, previews."""

from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image
from support.media import a_job, made_in

from media_worker.render.adapter import FramesRenderer
from media_worker.render.gallery import photo
from media_worker.render.port import (
    HANDLE,
    LEAD,
    PREVIEW_UNIT,
)
from shared.errors import StageError
from shared.looks import THEMES
from shared.messages.base import CaptionStyle
from shared.messages.script import PictureCard, TitleCard

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory):
    """Two clips and their video, made once for all the measurements."""
    return made_in(tmp_path_factory.mktemp("video"))


def test_captions_are_burned_in_where_and_when_they_belong(made) -> None:
    parts, _, _ = made
    with av.open(str(parts[0].clip_path)) as container:
        frames = [f.to_ndarray(format="gray") for f in container.decode(container.streams.video[0])]
    strip = slice(int(720 * 0.77), int(720 * 0.96))

    assert (frames[2][strip] > 230).sum() == 0
    assert (frames[HANDLE + 15][strip] > 230).sum() > 500


@pytest.mark.parametrize("captions", ["plain", "highlight"])
async def test_a_preview_is_the_clip_made_small(tmp_path: Path, captions: CaptionStyle) -> None:
    job = a_job(captions=captions)
    path, frames = await FramesRenderer().clip(job, folder=tmp_path, progress=lambda _: None)

    preview = await FramesRenderer().preview(job, folder=tmp_path)

    assert min(preview.width, preview.height) == PREVIEW_UNIT
    with av.open(str(preview.clip)) as small, av.open(str(path)) as whole:
        shown = [f.to_ndarray(format="gray") for f in small.decode(small.streams.video[0])]
        full = [f.to_ndarray(format="gray") for f in whole.decode(whole.streams.video[0])]
    assert len(shown) == preview.duration_ms * frames.fps // 1000 <= len(full)
    for number in (0, HANDLE + 20, len(shown) - 1):
        reduced = cv2.resize(full[number], shown[number].shape[::-1], interpolation=cv2.INTER_AREA)
        assert np.abs(reduced.astype(int) - shown[number].astype(int)).mean() < 3
    with Image.open(preview.still) as still:
        assert still.size == (preview.width, preview.height)
        strip = np.asarray(still.convert("L"))[int(preview.height * 0.77) :]
    assert strip.max() > 225


async def test_a_larger_video_shows_the_same_larger(tmp_path: Path) -> None:
    shown: list[np.ndarray] = []
    for short_side in (720, 1080):
        job = replace(a_job(), aspect="9:16", short_side=short_side)
        folder = tmp_path / str(short_side)
        folder.mkdir()
        path, frames = await FramesRenderer().clip(job, folder=folder, progress=lambda _: None)

        assert (frames.width, frames.height) == (short_side, short_side * 16 // 9)
        with av.open(str(path)) as clip:
            at = HANDLE + 20
            gray = [f.to_ndarray(format="gray") for f in clip.decode(clip.streams.video[0])][at]
        shown.append(cv2.resize(gray, (360, 640), interpolation=cv2.INTER_AREA).astype(int))

    usual, larger = shown
    assert np.abs(usual - larger).mean() < 3


async def test_highlighted_captions_change_colour_as_the_words_go_by(tmp_path: Path) -> None:
    path, _ = await FramesRenderer().clip(
        a_job(captions="highlight"), folder=tmp_path, progress=lambda _: None
    )

    with av.open(str(path)) as container:
        frames = [
            f.to_ndarray(format="rgb24") for f in container.decode(container.streams.video[0])
        ]
    strip = slice(int(720 * 0.77), int(720 * 0.96))
    places = [colored(frames[HANDLE + LEAD + at][strip]) for at in (3, 18, 33)]
    assert places == sorted(places)
    assert places[2] - places[0] > 60


def colored(strip: np.ndarray) -> float:
    """Where, from left to right, the bright letters with a colour stand."""
    bright = strip.max(axis=2).astype(int)
    pale = bright - strip.min(axis=2)
    columns = np.nonzero((bright > 180) & (pale > 60))[1]
    assert len(columns) > 50
    return float(np.median(columns))


async def test_the_zoom_never_jitters(tmp_path: Path) -> None:
    job = replace(a_job(), card=TitleCard(), cues=(), heading="口")
    path, _ = await FramesRenderer().clip(job, folder=tmp_path, progress=lambda _: None)

    with av.open(str(path)) as container:
        frames = [f.to_ndarray(format="gray") for f in container.decode(container.streams.video[0])]
    edges = np.array([left_edge(frame) for frame in frames])
    steps = np.diff(edges)
    assert abs(edges[-1] - edges[0]) > 0.5
    assert (np.sign(steps[np.abs(steps) > 0.02]) == np.sign(edges[-1] - edges[0])).all()
    assert np.abs(np.diff(steps)).max() < 0.25


def left_edge(frame: np.ndarray) -> float:
    """The left edge of the one letter, at a share of a pixel."""
    rows = frame[200:360, 400:640].astype(float).mean(axis=0)
    low, high = rows.min(), rows.max()
    middle = (low + high) / 2
    first = int(np.argmax(rows > middle))
    return first - (rows[first] - middle) / (rows[first] - rows[first - 1])


@pytest.mark.parametrize("theme", [theme.id for theme in THEMES])
async def test_every_theme_makes_a_clip_with_a_picture(tmp_path: Path, theme: str) -> None:
    photo(1.5).save(tmp_path / "photo.png")
    job = replace(
        a_job(), theme=theme, card=PictureCard(caption="湿地"), picture_path=tmp_path / "photo.png"
    )

    preview = await FramesRenderer().preview(job, folder=tmp_path)

    with Image.open(preview.still) as still:
        pixels = np.asarray(still.convert("RGB")).astype(int)
    sky = np.array([88, 148, 206])
    assert (np.abs(pixels - sky).max(axis=2) < 30).mean() > 0.01


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, id="a broken PNG"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="another kind"),
    ],
)
async def test_a_picture_that_can_not_be_opened_is_refused_for_good(
    tmp_path: Path, body: bytes
) -> None:
    (tmp_path / "photo.png").write_bytes(body)
    job = replace(a_job(), card=PictureCard(), picture_path=tmp_path / "photo.png")

    with pytest.raises(StageError) as refused:
        await FramesRenderer().clip(job, folder=tmp_path, progress=lambda _: None)

    assert (refused.value.code, refused.value.retryable) == ("picture_unreadable", False)


async def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(
    tmp_path: Path,
) -> None:
    Image.new("1", (30_000, 30_000)).save(tmp_path / "bomb.png")
    job = replace(a_job(), card=PictureCard(), picture_path=tmp_path / "bomb.png")

    with pytest.raises(StageError) as refused:
        await FramesRenderer().clip(job, folder=tmp_path, progress=lambda _: None)

    assert refused.value.code == "picture_unreadable"
