"""A footage card's clip: the film moves, fills its place, and lasts as long as the voice."""

from pathlib import Path

import av
import numpy as np
import pytest
from support.footage_server import a_film

from media_worker.render.adapter import FramesRenderer
from media_worker.render.port import HANDLE, ClipJob, body_frames
from shared.errors import StageError
from shared.foreign.decoding import decoded
from shared.messages.base import Aspect
from shared.messages.manifest import Cue
from shared.messages.script import FootageCard

pytestmark = pytest.mark.timeout(120)
VOICE_MS = 1_500
TOTAL = HANDLE + body_frames(VOICE_MS) + HANDLE
Pixels = list[np.ndarray]


async def film(folder: Path, seconds: float = 1.0, size: tuple[int, int] = (320, 180)) -> Path:
    """As the visual stage stores it."""
    source = folder / "provided.mp4"
    source.write_bytes(a_film(seconds, size=size))
    return (await decoded("footage", "mp4", source, folder / "made")).file


async def clip(
    folder: Path, card: FootageCard, path: Path | None, *, aspect: Aspect = "16:9"
) -> Pixels:
    """The clip's frames, RGB."""
    job = ClipJob(
        heading="雨水花园",
        card=card,
        cues=(Cue(start_ms=0, end_ms=VOICE_MS, text="城市里的雨水"),),
        voice_ms=VOICE_MS,
        aspect=aspect,
        theme="auto",
        footage_path=path,
    )
    made, frames = await FramesRenderer().clip(job, folder=folder, progress=lambda _: None)
    assert frames.head + frames.body + frames.tail == TOTAL
    with av.open(str(made)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def brightness(frame: np.ndarray) -> float:
    """Of the right half's middle, where nothing is written."""
    height, width, _ = frame.shape
    return float(frame[height // 3 : height // 2, width * 2 // 3 : width * 5 // 6].mean())


async def test_footage_fills_the_frame_and_begins_again_at_its_end(tmp_path: Path) -> None:
    frames = await clip(tmp_path, FootageCard(prompt="x"), await film(tmp_path))

    seen = [brightness(frame) for frame in frames]
    assert len(frames) == TOTAL > 2 * 30
    assert seen[0] < 60
    assert seen[26] > 200, "it gets lighter"
    assert seen[32] < 70, "and begins again"
    assert seen[57] > 200
    corner = frames[5][2:20, 2:20].reshape(-1, 3).mean(axis=0)
    assert corner[0] > corner[1] + 20, "red up to the corner"


async def test_its_last_picture_stays_where_that_is_asked_for(tmp_path: Path) -> None:
    card = FootageCard(prompt="x", ending="hold")

    frames = await clip(tmp_path, card, await film(tmp_path))

    seen = [brightness(frame) for frame in frames]
    assert seen[0] < 60
    assert min(seen[32:]) > 200


async def test_footage_that_is_longer_than_the_voice_is_cut(tmp_path: Path) -> None:
    frames = await clip(tmp_path, FootageCard(prompt="x"), await film(tmp_path, 5.0))

    seen = [brightness(frame) for frame in frames]
    assert seen == sorted(seen) or max(np.diff(seen)) < 10
    assert seen[-1] < 170


@pytest.mark.parametrize("aspect", ["9:16", "1:1"])
async def test_wide_footage_fills_an_upright_frame_from_its_middle(
    tmp_path: Path, aspect: Aspect
) -> None:
    frames = await clip(tmp_path, FootageCard(prompt="x"), await film(tmp_path), aspect=aspect)

    height, width, _ = frames[10].shape
    row = frames[10][height // 4]
    assert row[: width // 2 - 12, 0].mean() > row[: width // 2 - 12, 1].mean() + 20
    assert abs(int(row[width // 2 + 12, 0]) - int(row[width // 2 + 12, 1])) < 12


async def test_in_a_panel_the_card_stays_and_only_its_picture_moves(tmp_path: Path) -> None:
    card = FootageCard(prompt="x", frame="panel", caption="一米深的砾石")

    frames = await clip(tmp_path, card, await film(tmp_path))

    first, later = (frames[n].astype(np.int16) for n in (2, 26))
    moved = np.abs(later - first).max(axis=2) > 60
    share = float(moved.mean())
    assert 0.1 < share < 0.6
    rows, columns = np.flatnonzero(moved.any(axis=1)), np.flatnonzero(moved.any(axis=0))
    assert rows[0] > 20
    assert columns[-1] - columns[0] < first.shape[1] * 0.75
    assert not moved[:, -40:].any(), "the ground does not move"


async def test_a_caption_over_full_footage_is_seen(tmp_path: Path) -> None:
    path = await film(tmp_path)
    plain = await clip(tmp_path, FootageCard(prompt="x"), path)

    labelled = await clip(tmp_path, FootageCard(prompt="x", caption="雨水花园"), path)

    top = slice(0, plain[5].shape[0] // 3)
    assert np.abs(labelled[5][top].astype(int) - plain[5][top].astype(int)).max() > 100


async def test_without_footage_the_words_stand_alone(tmp_path: Path) -> None:
    frames = await clip(tmp_path, FootageCard(caption="湿地"), None)

    assert len(frames) == TOTAL


@pytest.mark.parametrize("body", [b"", b"not a film at all", a_film(1.0)[:900]])
@pytest.mark.parametrize("frame", ["full", "panel"])
async def test_footage_that_can_not_be_played_is_told(
    tmp_path: Path, body: bytes, frame: str
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(body)
    card = FootageCard.model_validate({"prompt": "x", "frame": frame})

    with pytest.raises(StageError) as refused:
        await clip(tmp_path, card, broken)

    assert (refused.value.code, refused.value.retryable) == ("footage_unreadable", False)
