"""The processes that draw: kept from job to job, one job at a time, none left behind."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from support.media import packets, parts_in
from support.waiting import eventually

from media_worker.render.adapter import FramesRenderer
from media_worker.render.port import AssemblyJob, ClipJob
from shared.errors import StageError
from shared.messages.manifest import Cue
from shared.messages.script import ListCard, PictureCard, TitleCard

KEPT_S = 2
pytestmark = pytest.mark.timeout(120)

SHORT = ClipJob(heading="雨", card=TitleCard(), cues=(), voice_ms=200, aspect="16:9", theme="auto")
LONG = replace(SHORT, voice_ms=60_000)


@pytest.fixture
async def renderer() -> AsyncIterator[FramesRenderer]:
    """That keeps its processes for a while."""
    kept = FramesRenderer(keep_s=KEPT_S)
    yield kept
    await kept.close()


def processes() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    return [one for one in found if one.is_running() and "media_worker.render.child" in _line(one)]


def _line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.ZombieProcess, psutil.NoSuchProcess):
        return []


async def drawn(renderer: FramesRenderer, folder: Path, job: ClipJob = SHORT) -> None:
    await renderer.preview(job, folder=_made(folder))


async def clip_of(renderer: FramesRenderer, folder: Path, job: ClipJob) -> bytes:
    path, _ = await renderer.clip(job, folder=_made(folder), progress=_unheard)
    return await asyncio.to_thread(path.read_bytes)


def _unheard(_: float) -> None: ...


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def test_one_job_after_another_has_the_same_process_until_it_rests_too_long(
    renderer: FramesRenderer, tmp_path: Path
) -> None:
    await drawn(renderer, tmp_path / "1")
    [first] = processes()

    await drawn(renderer, tmp_path / "2")

    assert processes() == [first]
    await eventually(lambda: not processes(), within=KEPT_S + 10)


async def test_jobs_at_once_have_a_process_each(renderer: FramesRenderer, tmp_path: Path) -> None:
    await asyncio.gather(drawn(renderer, tmp_path / "1"), drawn(renderer, tmp_path / "2"))

    assert len(processes()) == 2


async def test_a_cancelled_job_takes_its_process_and_no_other(
    renderer: FramesRenderer, tmp_path: Path
) -> None:
    told: list[float] = []
    render = asyncio.create_task(renderer.clip(LONG, folder=tmp_path, progress=told.append))
    await eventually(lambda: told)
    [drawing] = processes()
    await drawn(renderer, tmp_path / "1")

    render.cancel()
    await asyncio.wait([render])

    [resting] = processes()
    assert resting != drawing


async def test_each_percent_is_told_once_at_most(renderer: FramesRenderer, tmp_path: Path) -> None:
    told: list[float] = []

    await renderer.clip(replace(SHORT, voice_ms=5_000), folder=tmp_path, progress=told.append)

    assert told == sorted({round(share, 2) for share in told})
    assert told[-1] == 1


async def test_a_process_that_died_while_it_rested_is_replaced(
    renderer: FramesRenderer, tmp_path: Path
) -> None:
    await drawn(renderer, tmp_path / "1")
    [dead] = processes()
    dead.kill()
    await eventually(lambda: not psutil.pid_exists(dead.pid))

    await drawn(renderer, tmp_path / "2")

    assert dead not in processes()


async def test_a_refused_job_is_told_and_leaves_nothing_for_the_next(
    renderer: FramesRenderer, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.jpg"
    picture.write_bytes(b"none")
    job = replace(SHORT, card=PictureCard(), picture_path=picture)

    with pytest.raises(StageError) as refused:
        await drawn(renderer, tmp_path / "1", job)

    assert (refused.value.code, refused.value.retryable) == ("picture_unreadable", False)
    await drawn(renderer, tmp_path / "2")


async def test_a_kept_process_makes_what_a_new_one_makes(
    renderer: FramesRenderer, tmp_path: Path
) -> None:
    cue = Cue(start_ms=0, end_ms=200, text="雨水 goes 40% 哪里")
    upright = replace(SHORT, aspect="9:16", theme="bold", cues=(cue,), captions="highlight")
    listed = replace(SHORT, heading="Rain", card=ListCard(items=("one", "二")), theme="grid")
    longer = replace(SHORT, voice_ms=4_000)  # than the frames for which memory is filled
    jobs = (SHORT, upright, longer, listed, SHORT, longer)

    kept = [await clip_of(renderer, tmp_path / f"kept{n}", job) for n, job in enumerate(jobs)]

    assert len(processes()) == 1
    for number, job in enumerate(jobs):
        assert kept[number] == await clip_of(FramesRenderer(), tmp_path / f"new{number}", job)


async def test_a_kept_process_joins_what_a_new_one_joins(
    renderer: FramesRenderer, tmp_path: Path
) -> None:
    parts = tuple(await parts_in(_made(tmp_path / "parts")))
    job = AssemblyJob(parts=parts, title="雨")
    await clip_of(renderer, tmp_path / "before", SHORT)
    [worked] = processes()

    kept = await renderer.assemble(job, folder=_made(tmp_path / "kept"), progress=_unheard)

    assert processes() == [worked]
    new = await FramesRenderer().assemble(job, folder=_made(tmp_path / "new"), progress=_unheard)
    assert packets(kept.video) == packets(new.video)
    assert kept.cover.read_bytes() == new.cover.read_bytes()


async def test_by_default_no_process_stays(tmp_path: Path) -> None:
    await drawn(FramesRenderer(), tmp_path / "1")

    assert processes() == []
