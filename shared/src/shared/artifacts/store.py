"""The object store: a local folder or S3, through obstore. Manifests are created if absent,
last.
"""

import asyncio
import hashlib
import json
import re
import shutil
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

from obstore import sign_async
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import ObjectStore, S3Store

from shared.artifacts.folder import Folder
from shared.artifacts.keys import failure_mark, tombstone
from shared.artifacts.places import attributes_for, place, put_stream, root_of
from shared.errors import ArtifactMissingError, StoreRefusedError
from shared.messages.manifest import Blob, Manifest
from shared.runtime.settings import S3Settings

_KEY = re.compile(r"^(script|voice|image|footage|clip|video|preview|sample)/[0-9a-f]{64}$")
_BLOB = re.compile(r"^blob/[0-9a-f]{64}\.[a-z0-9]{1,5}$")
_NOTE = re.compile(r"^receipt/[0-9a-f]{64}/[a-z]{1,10}-\d{1,6}$")
_CHUNK = 1 << 20
_FRESH = timedelta(days=1)


class ArtifactStore:
    """Blobs under the hash of their bytes, manifests under the hash of their inputs.

    Whoever comes second with a manifest gets the first one's: two workers on one task end with one
    artifact, and every fact built from it is the same.
    """

    def __init__(self, store: ObjectStore, *, root: Path | None = None) -> None:
        self._store = store
        self._root = root
        self._folder = Folder(root) if root is not None else None

    @classmethod
    def at(cls, url: str, access: S3Settings | None = None) -> Self:
        """``file:///folder`` (made if absent), ``s3://bucket/prefix``, or what else obstore
        takes.
        """
        return cls(place(url, access), root=root_of(url))

    async def probe(self) -> None:
        """Refuses, at start, a store that can't be written (no such bucket, a wrong key), or that
        lets a second create-if-absent pass.
        """
        path = f"control/probe/{uuid4()}"
        try:
            await self._create(path, b"1")
        except (BaseError, FileNotFoundError) as error:
            raise StoreRefusedError(f"the artifact store takes nothing: {error}") from error
        if await self._create(path, b"2"):
            raise StoreRefusedError("the artifact store overwrites on create-if-absent")
        await self._store.delete_async(path)

    async def find(self, key: str) -> Manifest | None:
        """The manifest of an artifact that is really there, blobs and all; None otherwise."""
        body = await self._read(f"{_checked(key, _KEY)}.json")
        if body is None:
            return None
        manifest = Manifest.model_validate_json(body)
        for blob in manifest.blobs.values():
            if not await self.has(blob):
                return None
        return manifest

    async def require(self, key: str) -> Manifest:
        """As ``find``; raises ArtifactMissingError when it is not there."""
        manifest = await self.find(key)
        if manifest is None:
            raise ArtifactMissingError(key)
        return manifest

    async def has(self, blob: Blob) -> bool:
        path = _checked(blob.path, _BLOB)
        if self._folder is not None:
            return self._folder.size(path) == blob.size
        try:
            head = await self._store.head_async(path)
        except FileNotFoundError:
            return False
        return head["size"] == blob.size

    async def _written_today(self, blob: Blob) -> bool:
        """Older bytes are written again: the collector must see that they are in use."""
        try:
            head = await self._store.head_async(_checked(blob.path, _BLOB))
        except FileNotFoundError:
            return False
        return head["size"] == blob.size and datetime.now(UTC) - head["last_modified"] < _FRESH

    async def blob_at(self, path: str) -> Blob:
        """What lies at ``blob/…``, for who knows nothing but its path; raises
        ArtifactMissingError.
        """
        try:
            head = await self._store.head_async(_checked(path, _BLOB))
        except FileNotFoundError:
            raise ArtifactMissingError(path) from None
        return Blob(path=path, size=head["size"], media_type="application/octet-stream")

    async def put_file(self, file: Path, media_type: str) -> Blob:
        """Stores the file's bytes; bytes that were there today already are not written again."""
        digest, size = _digest(file)
        blob = Blob(path=f"blob/{digest}{file.suffix}", size=size, media_type=media_type)
        if not await self._written_today(blob):
            await put_stream(self._store, blob.path, _pieces(file), media_type)
        return blob

    async def put_bytes(self, body: bytes, suffix: str, media_type: str) -> Blob:
        path = f"blob/{hashlib.sha256(body).hexdigest()}{suffix}"
        blob = Blob(path=path, size=len(body), media_type=media_type)
        if not await self._written_today(blob):
            attributes = attributes_for(self._store, media_type)
            await self._store.put_async(path, body, attributes=attributes, use_multipart=False)
        return blob

    async def commit(self, manifest: Manifest) -> Manifest:
        """Makes the artifact exist; answers the manifest that stands, which may be an earlier
        one's.

        An earlier one whose blobs are gone is replaced.
        """
        path = f"{_checked(manifest.key, _KEY)}.json"
        body = manifest.model_dump_json().encode()
        if await self._create(path, body):
            return manifest
        standing = await self.find(manifest.key)
        if standing is not None:
            return standing
        await self._store.put_async(path, body)
        return manifest

    async def read(self, blob: Blob) -> bytes:
        try:
            found = await self._store.get_async(_checked(blob.path, _BLOB))
        except FileNotFoundError:
            raise ArtifactMissingError(blob.path) from None
        return bytes(await found.bytes_async())

    async def stream(
        self, blob: Blob, start: int = 0, end: int | None = None
    ) -> AsyncGenerator[bytes]:
        """The bytes [start, end) in pieces of at most 1 MiB."""
        end = blob.size if end is None else end
        while start < end:
            try:
                piece = await self._store.get_range_async(
                    _checked(blob.path, _BLOB), start=start, end=min(end, start + _CHUNK)
                )
            except FileNotFoundError:
                raise ArtifactMissingError(blob.path) from None
            yield bytes(piece)
            start += _CHUNK

    async def signed(self, blob: Blob, ttl: timedelta) -> str | None:
        """An address that gives the bytes to anybody until ``ttl`` is over; None where the store
        can't sign (a folder).
        """
        if not isinstance(self._store, S3Store):
            return None
        return await sign_async(self._store, "GET", _checked(blob.path, _BLOB), ttl)

    async def local_file(self, blob: Blob, folder: Path) -> Path:
        """A file with the blob's bytes, not to be changed: the stored one itself, or a copy in
        ``folder``.
        """
        path = _checked(blob.path, _BLOB)
        if self._root is not None:
            stored = self._root / path
            if not stored.exists():
                raise ArtifactMissingError(path)
            return stored
        copy = folder / Path(path).name
        if not copy.exists():
            partial = folder / f".{copy.name}.part"
            with partial.open("wb") as out:
                async for piece in self.stream(blob):
                    out.write(piece)
            shutil.move(partial, copy)
        return copy

    async def mark_closed(self, run_id: UUID, *, finish: bool = False) -> None:
        """The run's tombstone. With ``finish``, what is at work for it may end."""
        body = json.dumps({"run": str(run_id), "finish": finish}).encode()
        await self._store.put_async(tombstone(run_id), body)

    async def is_closed(self, run_id: UUID) -> bool:
        """Whether nothing more is to be begun for the run."""
        return await self._read(tombstone(run_id)) is not None

    async def is_cancelled(self, run_id: UUID) -> bool:
        """Whether its user has stopped the run, and what is at work for it."""
        body = await self._read(tombstone(run_id))
        return body is not None and not json.loads(body).get("finish", False)

    async def mark_failed(self, message_id: UUID, code: str, detail: str) -> None:
        """The aside of this message could not be made."""
        why = json.dumps({"code": code, "detail": detail[:2_000]}, ensure_ascii=False)
        await self._store.put_async(failure_mark(message_id), why.encode())

    async def failure_of(self, message_id: UUID) -> dict[str, str] | None:
        """``code`` and ``detail`` of an aside that could not be made."""
        body = await self._read(failure_mark(message_id))
        return None if body is None else json.loads(body)

    async def create_note(self, path: str, body: bytes) -> bool:
        """Whether this call made the receipt's note: of many at once, one hears True."""
        return await self._create(_checked(path, _NOTE), body)

    async def write_note(self, path: str, body: bytes) -> None:
        await self._store.put_async(_checked(path, _NOTE), body)

    async def read_note(self, path: str) -> bytes | None:
        return await self._read(_checked(path, _NOTE))

    async def _create(self, path: str, body: bytes) -> bool:
        """Whether it was not there before."""
        if self._folder is not None:
            return self._folder.create(path, body)
        try:
            await self._store.put_async(path, body, mode="create")
        except AlreadyExistsError:
            return False
        return True

    async def _read(self, path: str) -> bytes | None:
        """A small object: manifest, mark or note."""
        if self._folder is not None:
            return self._folder.read(path)
        try:
            found = await self._store.get_async(path)
        except FileNotFoundError:
            return None
        return bytes(await found.bytes_async())


def _checked(path: str, shape: re.Pattern[str]) -> str:
    """Paths are made by us from hashes; anything else is refused before it reaches the store."""
    if not shape.match(path):
        raise ValueError(f"not an artifact path: {path!r}")
    return path


async def _pieces(file: Path) -> AsyncGenerator[bytes]:
    with file.open("rb") as body:
        while piece := await asyncio.to_thread(body.read, _CHUNK):
            yield piece


def _digest(file: Path) -> tuple[str, int]:
    with file.open("rb") as body:
        digest = hashlib.file_digest(body, "sha256").hexdigest()
    return digest, file.stat().st_size
