"""Our own troubles with what a provider has made: a full store, a full disk, a killed decoder."""

import asyncio
import errno
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import psutil
import pytest
from obstore.exceptions import GenericError
from support.footage_server import footage_server
from support.image_server import ImageServer, image_server
from support.uploading import a_picture
from support.visuals import VisualWorker, footage_settings, image_settings
from support.waiting import eventually

from media_worker.visuals.footage import FootageMaker
from media_worker.visuals.images import ImageMaker
from shared.artifacts.store import ArtifactStore
from shared.foreign.decoding import decoded
from shared.messages.facts import TaskFailed, VisualMade
from shared.messages.manifest import Blob

pytestmark = pytest.mark.timeout(60)  # films are really decoded and encoded


class FullStore(ArtifactStore):
    """Takes nothing of a provider's answer when it is first given it: neither bytes nor a job."""

    left = 1

    def _full(self) -> None:
        self.left -= 1
        if self.left >= 0:
            raise GenericError("No space left on device")

    async def put_bytes(self, body: bytes, suffix: str, media_type: str) -> Blob:
        self._full()
        return await super().put_bytes(body, suffix, media_type)

    async def put_file(self, file: Path, media_type: str) -> Blob:
        self._full()
        return await super().put_file(file, media_type)

    async def create_note(self, path: str, body: bytes) -> bool:
        if "/job-" in path:
            self._full()
        return await super().create_note(path, body)


class FullForBytes(FullStore):
    async def create_note(self, path: str, body: bytes) -> bool:
        return await ArtifactStore.create_note(self, path, body)


@pytest.fixture
async def pictures() -> AsyncGenerator[ImageServer, None]:
    async with image_server() as server:
        yield server


@pytest.mark.parametrize("kind", [FullStore, FullForBytes])
@pytest.mark.parametrize("mood", ["well", "place"])
async def test_a_picture_is_kept_though_the_store_is_full_when_it_comes(
    pictures: ImageServer, tmp_path: Path, mood: str, kind: type[FullStore]
) -> None:
    pictures.moods = [mood]
    worker = VisualWorker(tmp_path, ImageMaker, image_settings(pictures.url), kind)

    made = await worker.make()
    await worker.maker.close()

    assert isinstance(made, VisualMade)
    assert worker.store.left < 0
    assert len(pictures.orders) == 1


@pytest.mark.parametrize("kind", [FullStore, FullForBytes])
async def test_footage_is_ordered_once_though_the_store_is_full_when_its_job_or_itself_comes(
    tmp_path: Path, kind: type[FullStore]
) -> None:
    async with footage_server() as server:
        worker = VisualWorker(tmp_path, FootageMaker, footage_settings(server.url), kind)

        made = await worker.make()
        await worker.maker.close()

        assert isinstance(made, VisualMade)
        assert worker.store.left < 0
        assert server.jobs == ["job-1"]


async def test_a_decoder_that_is_killed_is_tried_again_with_the_bytes_that_are_there(
    pictures: ImageServer, tmp_path: Path
) -> None:
    pictures.picture = a_picture("PNG", (4_000, 1_000))
    worker = VisualWorker(tmp_path, ImageMaker, image_settings(pictures.url))
    making = asyncio.create_task(worker.make())

    (await eventually(_decoder, every=0.005)).kill()
    failed = await making
    made = await worker.make(delivery=1)
    await worker.maker.close()

    assert isinstance(failed, TaskFailed)
    assert (failed.code, failed.charge, failed.retryable) == ("visual_failed", "charged", True)
    assert isinstance(made, VisualMade)
    assert len(pictures.orders) == 1


async def test_a_full_disk_is_not_told_as_a_broken_file(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(a_picture("JPEG"))
    (tmp_path / "made.jpg").symlink_to("/dev/full")

    with pytest.raises(OSError, match="No space left") as caught:
        await decoded("picture", "JPEG", source, tmp_path / "made")

    assert caught.value.errno == errno.ENOSPC


def _decoder() -> Any:
    return next((one for one in psutil.Process().children() if "decoder" in _said(one)), None)


def _said(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
