"""Real speech, real frames, a real encoder: what comes out is measured."""

import asyncio
import io
import re
import wave
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from support.media import (
    ffmpeg,
    made_in,
    packets,
    parts_in,
)
from support.waiting import eventually

from media_worker.render.adapter import FramesRenderer
from media_worker.render.encode import TICKS, decoded
from media_worker.render.port import (
    HANDLE,
    AssemblyJob,
    ClipJob,
    body_frames,
    planned_ms,
    size_of,
)
from media_worker.speech.espeak import EspeakSpeech
from shared.engines import ESPEAK_VOICE, FRAMES_RENDERER
from shared.errors import StageError
from shared.messages.script import TitleCard

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory):
    """Two clips and their video, made once for all the measurements."""
    return made_in(tmp_path_factory.mktemp("video"))


async def test_speech_in_both_languages_is_sound_with_captions_inside_it() -> None:
    for text, language in (("使用 AI，减少40%。", "zh-CN"), ("It uses 40% less, they say.", "en")):
        spoken = await EspeakSpeech().speak(text, language=language, speaker="default")

        with wave.open(io.BytesIO(spoken.wav)) as sound:
            assert abs(sound.getnframes() / sound.getframerate() * 1000 - spoken.duration_ms) < 2
            loud = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
        assert np.abs(loud).max() > 10_000
        assert spoken.cues[-1].end_ms <= spoken.duration_ms
        assert all(cue.end_ms > cue.start_ms for cue in spoken.cues)


async def test_the_same_text_is_the_same_sound() -> None:
    one, two = [
        await EspeakSpeech().speak("雨水花园。", language="zh-CN", speaker="default")
        for _ in range(2)
    ]

    assert one == two


@pytest.mark.parametrize("text", ["，。", "🙂", "…"])
async def test_text_that_can_not_be_spoken_is_explained(text: str) -> None:
    with pytest.raises(StageError, match="spoken"):
        await EspeakSpeech().speak(text, language="zh-CN", speaker="default")


def test_the_engines_are_those_that_runs_pin() -> None:
    assert EspeakSpeech.engine == ESPEAK_VOICE
    assert FramesRenderer.engine == FRAMES_RENDERER


def test_a_clip_has_whole_frames_and_keyframes_where_its_handles_end(made) -> None:
    parts, _, _ = made
    for part in parts:
        found = packets(part.clip_path)

        body = body_frames(part.voice_ms)
        assert sorted(number for number, _, _ in found) == list(range(HANDLE + body + HANDLE))
        assert {number for number, _, key in found if key} == {0, HANDLE, HANDLE + body}


def test_the_video_is_as_long_as_its_narration_plan(made) -> None:
    parts, video, _ = made
    with av.open(str(video.video)) as container:
        seconds = container.duration / av.time_base
        picture, sound = container.streams.video[0], container.streams.audio[0]

        assert abs(seconds * 1000 - planned_ms([part.voice_ms for part in parts])) <= 100
        assert (picture.codec_context.name, sound.codec_context.name) == ("h264", "aac")


def test_bodies_are_copied_byte_for_byte(made) -> None:
    parts, video, _ = made
    whole = {body for _, body, _ in packets(video.video)}

    for part in parts:
        first, end = part.frames.head, part.frames.head + part.frames.body
        assert {body for n, body, _ in packets(part.clip_path) if first <= n < end} <= whole


def test_a_join_shows_both_scenes_at_once(made) -> None:
    (one, two), video, _ = made
    first, middle = one.frames.head + one.frames.body, HANDLE // 2

    tail = decoded(one.clip_path, first, HANDLE)[middle][0].astype(float)
    head = decoded(two.clip_path, 0, HANDLE)[middle][0].astype(float)
    shown = decoded(video.video, first, HANDLE)[middle][0].astype(float)

    assert np.abs(shown - (tail + head) / 2).mean() < 3
    assert np.abs(tail - head).mean() > 8, "a hard cut would be seen"


def test_times_only_go_forward_and_every_frame_is_there_once(made) -> None:
    _, video, _ = made
    with av.open(str(video.video)) as container:
        found = [p for p in container.demux(container.streams.video[0]) if p.pts is not None]

    assert [p.dts for p in found] == sorted({p.dts for p in found})
    assert sorted(p.pts // TICKS for p in found) == list(range(video.frames.body))


def test_every_frame_decodes_without_a_complaint(made) -> None:
    _, video, _ = made

    assert ffmpeg("-v", "warning", "-i", video.video, "-f", "null", "-") == ""


def test_the_index_stands_before_the_media(made) -> None:
    _, video, _ = made
    body = video.video.read_bytes()

    assert body.index(b"moov") < body.index(b"mdat")


def test_captions_come_as_srt_and_vtt_with_the_times_of_the_whole_video(made) -> None:
    parts, video, _ = made
    lines = video.srt.read_text().splitlines()

    times = re.findall(r"(\d\d):(\d\d):(\d\d),(\d{3})", "\n".join(lines))
    ms = [((int(h) * 60 + int(m)) * 60 + int(s)) * 1000 + int(f) for h, m, s, f in times]
    assert ms == sorted(ms)
    assert ms[-1] <= video.duration_ms
    assert sum(len(part.cues) for part in parts) == len(ms) // 2
    assert video.vtt.read_text().startswith("WEBVTT\n")


def test_progress_comes_from_work_done_and_ends_at_one(made) -> None:
    _, _, told = made

    assert told == sorted(told)
    assert told[-1] == 1.0


async def test_a_cancelled_render_leaves_no_process(tmp_path: Path) -> None:
    told: list[float] = []
    job = ClipJob(
        heading="长", card=TitleCard(), cues=(), voice_ms=60_000, aspect="16:9", theme="auto"
    )
    render = asyncio.create_task(FramesRenderer().clip(job, folder=tmp_path, progress=told.append))
    await eventually(lambda: told)
    assert renders()

    render.cancel()

    with pytest.raises(asyncio.CancelledError):
        await render
    assert not renders()


async def test_a_render_whose_process_dies_says_so_and_may_be_tried_again(tmp_path: Path) -> None:
    told: list[float] = []
    job = ClipJob(
        heading="长", card=TitleCard(), cues=(), voice_ms=60_000, aspect="16:9", theme="auto"
    )
    render = asyncio.create_task(FramesRenderer().clip(job, folder=tmp_path, progress=told.append))
    await eventually(lambda: told)

    for child in renders():
        child.kill()

    with pytest.raises(StageError) as failed:
        await render
    assert (failed.value.code, failed.value.retryable) == ("render_failed", True)


@pytest.mark.parametrize("aspect", ["9:16", "1:1"])
async def test_the_other_aspects_make_a_whole_video_too(tmp_path: Path, aspect: str) -> None:
    parts = await parts_in(tmp_path, aspect)
    (tmp_path / "out").mkdir()

    job = AssemblyJob(parts=(parts[0],), title="海绵城市")
    video = await FramesRenderer().assemble(job, folder=tmp_path / "out", progress=lambda _: None)

    with av.open(str(video.video)) as container:
        picture = container.streams.video[0]
        assert (picture.width, picture.height) == (video.frames.width, video.frames.height)
        assert (picture.width, picture.height) == size_of(aspect)
        assert sum(1 for _ in container.decode(picture)) == video.frames.body


def renders() -> list[psutil.Process]:
    """The render processes below this one (the test's servers are children as well)."""
    return [child for child in psutil.Process().children(recursive=True) if _renders(child)]


def _renders(process: psutil.Process) -> bool:
    try:
        return "media_worker.render.child" in process.cmdline()
    except (psutil.ZombieProcess, psutil.NoSuchProcess):
        return False
