"""The artifact store over a real folder."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from obstore.store import MemoryStore
from support.building import a_manifest

from shared.artifacts.store import ArtifactStore
from shared.errors import ArtifactMissingError, StoreRefusedError

KEY = "voice/" + "a" * 64


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore.at(f"file://{tmp_path / 'artifacts'}")


async def made(store: ArtifactStore, body: bytes = b"sound", **changes: Any):
    blob = await store.put_bytes(body, ".wav", "audio/wav")
    return a_manifest(KEY, blobs={"audio": blob}, **changes)


async def test_an_artifact_exists_when_its_manifest_does(store: ArtifactStore) -> None:
    manifest = await made(store)
    assert await store.find(KEY) is None

    await store.commit(manifest)

    assert await store.find(KEY) == manifest
    assert await store.read(manifest.blobs["audio"]) == b"sound"


async def test_whoever_comes_second_gets_the_first_ones_manifest(store: ArtifactStore) -> None:
    first = await made(store, b"first", work_ms=1)
    second = await made(store, b"second", work_ms=2)

    assert await store.commit(first) == first
    assert await store.commit(second) == first


async def test_a_manifest_whose_bytes_are_gone_is_no_artifact(
    store: ArtifactStore, tmp_path: Path
) -> None:
    manifest = await store.commit(await made(store))
    (tmp_path / "artifacts" / manifest.blobs["audio"].path).unlink()

    assert await store.find(KEY) is None
    with pytest.raises(ArtifactMissingError):
        await store.require(KEY)


async def test_an_artifact_whose_bytes_were_cut_short_is_made_anew(
    store: ArtifactStore, tmp_path: Path
) -> None:
    manifest = await store.commit(await made(store))
    (tmp_path / "artifacts" / manifest.blobs["audio"].path).write_bytes(b"so")
    assert await store.find(KEY) is None

    again = await store.commit(await made(store, work_ms=9))

    assert await store.find(KEY) == again
    assert await store.read(again.blobs["audio"]) == b"sound"


async def test_equal_bytes_are_stored_once(store: ArtifactStore, tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(b"sound")

    one = await store.put_file(file, "audio/wav")
    two = await store.put_bytes(b"sound", ".wav", "audio/wav")

    assert one == two
    assert len(list((tmp_path / "artifacts" / "blob").iterdir())) == 1


async def test_a_stream_gives_just_the_bytes_that_were_asked_for(store: ArtifactStore) -> None:
    body = bytes(range(256)) * 9_000
    blob = await store.put_bytes(body, ".bin", "application/octet-stream")

    part = b"".join([piece async for piece in store.stream(blob, 1_000_000, 2_200_000)])

    assert part == body[1_000_000:2_200_000]


async def test_a_cancelled_run_is_known_by_its_tombstone(store: ArtifactStore) -> None:
    run = uuid4()
    assert not await store.is_cancelled(run)

    await store.mark_cancelled(run)

    assert await store.is_cancelled(run)


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "voice/../x", "voice/ABC", "/etc/passwd", "blob/x", ""]
)
async def test_nothing_but_a_key_of_ours_reaches_the_store(store: ArtifactStore, key: str) -> None:
    with pytest.raises(ValueError, match="not an artifact path"):
        await store.find(key)


async def test_the_local_folder_passes_the_probe(store: ArtifactStore) -> None:
    await store.probe()


async def test_a_store_that_overwrites_on_create_is_refused() -> None:
    class Careless(MemoryStore):
        async def put_async(self, path: str, file: Any, **options: Any) -> Any:
            return await super().put_async(path, file)

    with pytest.raises(StoreRefusedError):
        await ArtifactStore(Careless()).probe()
