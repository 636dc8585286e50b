"""The artifact store over a real folder and a real S3 server: one behaviour."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from obstore.exceptions import BaseError
from obstore.store import MemoryStore
from psutil import Process
from support.building import a_manifest
from support.clocks import HastyClock
from support.moto_server import KEY, SECRET, bucket_settings, s3_values
from support.paying import Provider, a_ticket

from shared.artifacts.away import is_away
from shared.artifacts.receipts import PaidCalls
from shared.artifacts.store import ArtifactStore
from shared.errors import ArtifactMissingError, StoreRefusedError
from shared.runtime.settings import ArtifactSettings

VOICE = "voice/" + "a" * 64
NOTE = f"receipt/{'b' * 64}/sending-0"
TWO_PARTS = 8 << 20


@pytest.fixture(params=["folder", "bucket"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, s3_server: str) -> ArtifactStore:
    if request.param == "folder":
        return ArtifactStore.at(f"file://{tmp_path / 'artifacts'}")
    settings = await bucket_settings(s3_server)
    return ArtifactStore.at(settings.artifacts_url, settings)


async def made(store: ArtifactStore, body: bytes = b"sound", **changes: Any):
    blob = await store.put_bytes(body, ".wav", "audio/wav")
    return a_manifest(VOICE, blobs={"audio": blob}, **changes)


async def test_an_artifact_exists_when_its_manifest_does(store: ArtifactStore) -> None:
    manifest = await made(store)
    assert await store.find(VOICE) is None

    await store.commit(manifest)

    assert await store.find(VOICE) == manifest
    assert await store.read(manifest.blobs["audio"]) == b"sound"


async def test_whoever_comes_second_gets_the_first_ones_manifest(store: ArtifactStore) -> None:
    first = await made(store, b"first", work_ms=1)
    second = await made(store, b"second", work_ms=2)

    assert await store.commit(first) == first
    assert await store.commit(second) == first


async def test_a_manifest_whose_bytes_are_gone_is_no_artifact(store: ArtifactStore) -> None:
    manifest = await store.commit(await made(store))
    await store._store.delete_async(manifest.blobs["audio"].path)

    assert await store.find(VOICE) is None
    with pytest.raises(ArtifactMissingError):
        await store.require(VOICE)


async def test_an_artifact_whose_bytes_were_cut_short_is_made_anew(store: ArtifactStore) -> None:
    manifest = await store.commit(await made(store))
    await store._store.put_async(manifest.blobs["audio"].path, b"so")
    assert await store.find(VOICE) is None

    again = await store.commit(await made(store, work_ms=9))

    assert await store.find(VOICE) == again
    assert await store.read(again.blobs["audio"]) == b"sound"


async def test_equal_bytes_are_stored_once(store: ArtifactStore, tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(b"sound")

    one = await store.put_file(file, "audio/wav")
    two = await store.put_bytes(b"sound", ".wav", "audio/wav")

    assert one == two
    assert len(await store._store.list("blob").collect_async()) == 1


async def test_a_stream_gives_just_the_bytes_that_were_asked_for(store: ArtifactStore) -> None:
    body = bytes(range(256)) * 9_000
    blob = await store.put_bytes(body, ".bin", "application/octet-stream")

    part = b"".join([piece async for piece in store.stream(blob, 1_000_000, 2_200_000)])

    assert part == body[1_000_000:2_200_000]


async def test_a_long_file_is_stored_piece_by_piece_and_comes_back_whole(
    store: ArtifactStore, tmp_path: Path
) -> None:
    long = tmp_path / "long.mp4"
    long.write_bytes(bytes(range(251)) * 40_000)

    blob = await store.put_file(long, "video/mp4")
    copy = await store.local_file(blob, tmp_path)

    assert blob.size == 10_040_000 > TWO_PARTS
    assert copy.read_bytes() == long.read_bytes()
    assert await store.has(blob)


async def test_a_file_whose_bytes_are_gone_can_not_be_had(
    store: ArtifactStore, tmp_path: Path
) -> None:
    blob = await store.put_bytes(b"sound", ".wav", "audio/wav")
    await store._store.delete_async(blob.path)

    with pytest.raises(ArtifactMissingError):
        await store.local_file(blob, tmp_path)
    with pytest.raises(ArtifactMissingError):
        await store.read(blob)


async def test_of_two_notes_of_one_name_the_first_stands(store: ArtifactStore) -> None:
    assert await store.create_note(NOTE, b"mine")
    assert not await store.create_note(NOTE, b"yours")

    assert await store.read_note(NOTE) == b"mine"


async def test_of_many_who_make_a_note_at_once_one_hears_so(store: ArtifactStore) -> None:
    notes = [b"%d" % number for number in range(20)]

    made = await asyncio.gather(*(store.create_note(NOTE, note) for note in notes))

    assert made.count(True) == 1
    assert await store.read_note(NOTE) == notes[made.index(True)]


async def test_a_folder_that_is_no_folder_any_more_is_away(tmp_path: Path) -> None:
    store = ArtifactStore.at(f"file://{tmp_path / 'artifacts'}")
    (tmp_path / "artifacts").rmdir()
    (tmp_path / "artifacts").write_bytes(b"")

    for ask in (lambda: store.read_note(NOTE), lambda: store.create_note(NOTE, b"1")):
        with pytest.raises(BaseError) as caught:
            await ask()
        assert is_away(caught.value)


async def test_a_folder_in_place_of_a_file_is_away_and_leaves_no_file_open(tmp_path: Path) -> None:
    store = ArtifactStore.at(f"file://{tmp_path}")
    (tmp_path / NOTE).mkdir(parents=True)
    before = Process().num_fds()

    for _ in range(3):
        with pytest.raises(BaseError) as caught:
            await store.read_note(NOTE)
        assert is_away(caught.value)

    assert Process().num_fds() == before


async def test_a_call_is_paid_for_once_whoever_asks_again(store: ArtifactStore) -> None:
    provider = Provider()

    first = await PaidCalls(store, HastyClock()).once(a_ticket(), provider.call)
    again = await PaidCalls(store, HastyClock()).once(a_ticket(), provider.call)

    assert (provider.calls, first) == (1, again)


async def test_a_closed_run_is_known_by_its_tombstone_and_a_cancelled_one_by_what_it_says(
    store: ArtifactStore,
) -> None:
    cancelled, failed = uuid4(), uuid4()
    assert not await store.is_closed(cancelled)
    assert not await store.is_cancelled(cancelled)

    await store.mark_closed(cancelled)
    await store.mark_closed(failed, finish=True)

    assert await store.is_closed(cancelled)
    assert await store.is_cancelled(cancelled)
    assert await store.is_closed(failed)
    assert not await store.is_cancelled(failed), "what is at work for it may end"


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "voice/../x", "voice/ABC", "/etc/passwd", "blob/x", ""]
)
async def test_nothing_but_a_key_of_ours_reaches_the_store(store: ArtifactStore, key: str) -> None:
    with pytest.raises(ValueError, match="not an artifact path"):
        await store.find(key)


async def test_both_pass_the_probe(store: ArtifactStore) -> None:
    await store.probe()


async def test_a_store_that_overwrites_on_create_is_refused() -> None:
    class Careless(MemoryStore):
        async def put_async(self, path: str, file: Any, **options: Any) -> Any:
            return await super().put_async(path, file)

    with pytest.raises(StoreRefusedError):
        await ArtifactStore(Careless()).probe()


async def test_a_bucket_that_is_not_there_is_refused_at_start(s3_server: str) -> None:
    settings = ArtifactSettings(
        _env_file=None,  # type: ignore[call-arg]
        artifacts_url="s3://nobody-made-it",
        **s3_values(s3_server),
    )

    with pytest.raises(StoreRefusedError, match="takes nothing"):
        await ArtifactStore.at(settings.artifacts_url, settings).probe()


async def test_a_bucket_gives_its_bytes_to_who_has_a_signed_address(s3_server: str) -> None:
    settings = await bucket_settings(s3_server)
    store = ArtifactStore.at(settings.artifacts_url, settings)
    blob = await store.put_bytes(b"moving pictures", ".mp4", "video/mp4")

    url = await store.signed(blob, timedelta(minutes=5))

    assert url is not None
    async with httpx.AsyncClient() as client:
        whole = await client.get(url)
        part = await client.get(url, headers={"Range": "bytes=7-14"})
    assert (whole.content, whole.headers["content-type"]) == (b"moving pictures", "video/mp4")
    assert (part.status_code, part.content) == (206, b"pictures")


async def test_a_folder_signs_nothing(tmp_path: Path) -> None:
    store = ArtifactStore.at(f"file://{tmp_path}")
    blob = await store.put_bytes(b"moving pictures", ".mp4", "video/mp4")

    assert await store.signed(blob, timedelta(minutes=5)) is None


def test_the_keys_of_a_bucket_are_in_no_printed_settings() -> None:
    settings = ArtifactSettings(
        _env_file=None,  # type: ignore[call-arg]
        artifacts_url="s3://bucket",
        **s3_values("http://127.0.0.1:1"),
    )

    assert KEY not in repr(settings)
    assert SECRET not in repr(settings)
