"""Uploads of any length over a real S3 server: in parts, few in memory, none left behind."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from obstore.exceptions import BaseError
from obstore.store import ObjectStore
from support.moto_server import bucket_settings, unfinished
from support.proxy import Proxy, proxied
from support.waiting import eventually

from shared.artifacts.away import is_away
from shared.artifacts.places import PART, place, put_stream
from shared.artifacts.store import ArtifactStore

MIB = 1 << 20
LONG = 2 * PART + 3 * MIB
VIDEO = "video/mp4"


class Bucket:
    """One bucket, and the link to it."""

    def __init__(self, server: str, url: str, store: ObjectStore, link: Proxy) -> None:
        self.server, self.url, self.store, self.link = server, url, store, link

    async def unfinished(self) -> list[str]:
        return await unfinished(self.server, urlsplit(self.url).netloc)

    async def names(self) -> list[str]:
        return [found["path"] for found in await self.store.list().collect_async()]

    async def parts(self, path: str) -> int:
        """As the server's own mark of the object says it; 0: it came whole."""
        tag = (await self.store.head_async(path))["e_tag"] or ""
        return int(tag.strip('"').partition("-")[2] or 0)


@pytest.fixture
async def bucket(s3_server: str) -> AsyncIterator[Bucket]:
    settings = await bucket_settings(s3_server)
    at = urlsplit(s3_server)
    assert at.hostname
    assert at.port
    async with proxied(at.hostname, at.port) as link:
        through = settings.model_copy(update={"s3_endpoint": f"http://127.0.0.1:{link.port}"})
        store = place(through.artifacts_url, through)
        yield Bucket(s3_server, through.artifacts_url, store, link)


async def pieces(count: int) -> AsyncIterator[bytes]:
    for number in range(count):
        yield bytes([number]) * MIB


async def stuck(sent: asyncio.Event) -> AsyncIterator[bytes]:
    """Thirteen pieces, and never an end."""
    async for piece in pieces(13):
        yield piece
    sent.set()
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("size", "parts"),
    [
        pytest.param(MIB, 0, id="a short file goes up whole"),
        pytest.param(LONG, 3, id="a long one in parts"),
    ],
)
async def test_a_file_goes_up_in_as_many_parts_as_it_needs(
    bucket: Bucket, tmp_path: Path, size: int, parts: int
) -> None:
    file = tmp_path / "a.mp4"
    body = b"".join([piece async for piece in pieces(size // MIB)])
    file.write_bytes(body)
    artifacts = ArtifactStore(bucket.store)

    blob = await artifacts.put_file(file, VIDEO)

    assert await bucket.parts(blob.path) == parts
    assert await artifacts.read(blob) == body
    assert blob.path == f"blob/{hashlib.sha256(body).hexdigest()}.mp4"
    assert await bucket.unfinished() == []


async def test_bytes_that_are_in_memory_already_go_up_whole(bucket: Bucket) -> None:
    body = bytes(LONG)

    blob = await ArtifactStore(bucket.store).put_bytes(body, ".pcm", "audio/L16")

    assert await bucket.parts(blob.path) == 0
    assert (await bucket.store.head_async(blob.path))["size"] == LONG


async def test_no_more_is_read_than_a_few_parts_while_the_server_takes_nothing(
    bucket: Bucket,
) -> None:
    read = 0

    async def watched() -> AsyncIterator[bytes]:
        nonlocal read
        async for piece in pieces(40):
            read += 1
            if read == 6:  # the upload has begun
                bucket.link.up.clear()
            yield piece

    sending = asyncio.create_task(put_stream(bucket.store, "long", watched(), VIDEO))
    await asyncio.wait([sending], timeout=1)
    held = read * MIB
    bucket.link.up.set()
    await sending

    assert held <= 6 * PART, "four on their way, one being filled, one from before"
    assert (await bucket.store.head_async("long"))["size"] == 40 * MIB
    assert await bucket.parts("long") == 8


async def test_an_upload_whose_source_breaks_off_leaves_nothing(bucket: Bucket) -> None:
    begun: list[str] = []

    async def broken() -> AsyncIterator[bytes]:
        async for piece in pieces(13):
            yield piece
        begun.extend(await bucket.unfinished())
        raise RuntimeError("the source is gone")

    with pytest.raises(RuntimeError, match="the source is gone"):
        await put_stream(bucket.store, "long", broken(), VIDEO)

    assert len(begun) == 1
    assert (await bucket.unfinished(), await bucket.names()) == ([], [])


async def test_an_upload_that_is_cancelled_leaves_nothing(bucket: Bucket) -> None:
    sent = asyncio.Event()
    sending = asyncio.create_task(put_stream(bucket.store, "long", stuck(sent), VIDEO))
    await sent.wait()
    begun = await bucket.unfinished()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    assert len(begun) == 1
    assert (await bucket.unfinished(), await bucket.names()) == ([], [])


async def test_an_upload_that_is_cancelled_after_its_last_piece_ends_whole(bucket: Bucket) -> None:
    read = asyncio.Event()

    async def all_of_it() -> AsyncIterator[bytes]:
        async for piece in pieces(13):
            yield piece
        bucket.link.down.clear()
        read.set()

    sending = asyncio.create_task(put_stream(bucket.store, "long", all_of_it(), VIDEO))
    await read.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    bucket.link.down.set()

    await eventually(bucket.names, within=10)
    assert (await bucket.store.head_async("long"))["size"] == 13 * MIB
    assert await bucket.unfinished() == []


@pytest.mark.parametrize("size", [1, 13])
async def test_a_store_that_is_away_at_the_end_counts_as_away(bucket: Bucket, size: int) -> None:
    async def then_away() -> AsyncIterator[bytes]:
        async for piece in pieces(size):
            yield piece
        bucket.link.open = False
        bucket.link.cut()

    with pytest.raises(BaseError) as caught:
        await put_stream(bucket.store, "late", then_away(), VIDEO)

    assert is_away(caught.value)


async def test_a_folder_has_nothing_of_what_was_cancelled(tmp_path: Path) -> None:
    sent = asyncio.Event()
    folder = place(f"file://{tmp_path}/out")
    sending = asyncio.create_task(put_stream(folder, "long", stuck(sent), VIDEO))
    await sent.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    assert list((tmp_path / "out").iterdir()) == []
