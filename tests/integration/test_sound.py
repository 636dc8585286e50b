"""All sound of a video, measured on every sample: loudness, true peaks, music below the voice."""

from pathlib import Path

import pytest
from support.media import decibels, heard, made_in, packets, sound_of, tone, true_peak, tune

from media_worker.render.adapter import FramesRenderer
from media_worker.render.port import (
    AssemblyJob,
)

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory):
    """Two clips and their video, made once for all the measurements."""
    return made_in(tmp_path_factory.mktemp("video"))


def test_loudness_and_peaks_are_what_the_platforms_ask_for(made) -> None:
    _, video, _ = made

    loudness, peak = heard(video.video)

    assert abs(loudness + 16) <= 0.5
    assert peak <= -1.5
    assert true_peak(video.video) <= -1.5
    assert abs(video.loudness_lufs - loudness) < 0.2


def test_a_voice_alone_is_heard_from_both_sides_alike(made) -> None:
    _, video, _ = made

    left, right = sound_of(video.video).T

    assert decibels(left) > -40
    assert decibels(left - right) < decibels(left) - 40


@pytest.mark.parametrize("music", ["calm", "bright", "tense", "own"])
async def test_with_music_it_is_as_loud_and_no_peak_is_higher(
    made, tmp_path: Path, music: str
) -> None:
    parts, plain, _ = made
    own = tune(tmp_path / "own.wav") if music == "own" else None
    job = AssemblyJob(parts=tuple(parts), title="海绵城市", music=music, music_path=own)

    video = await FramesRenderer().assemble(job, folder=tmp_path, progress=lambda _: None)

    loudness, peak = heard(video.video)
    assert abs(loudness + 16) <= 0.5
    assert peak <= -1.5
    assert true_peak(video.video) <= -1.5
    assert video.duration_ms == plain.duration_ms
    assert packets(video.video) == packets(plain.video)


async def test_music_is_heard_between_the_voices_and_is_low_below_them(
    made, tmp_path: Path
) -> None:
    parts, plain, _ = made
    job = AssemblyJob(
        parts=tuple(parts),
        title="海绵城市",
        music="own",
        music_path=tune(tmp_path / "own.wav"),
    )

    video = await FramesRenderer().assemble(job, folder=tmp_path, progress=lambda _: None)

    with_music, without = tone(sound_of(video.video)), tone(sound_of(plain.video))
    first, last = video.cues[0].start_ms, video.cues[-1].end_ms
    talking = decibels(with_music[first * 48 : last * 48])
    assert talking > decibels(without[first * 48 : last * 48]) + 6
    voice = decibels(sound_of(plain.video)[first * 48 : last * 48, 0])
    assert -32 < talking - voice < -14
