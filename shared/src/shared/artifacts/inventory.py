"""What lies in the artifact store, page by page, and its removal: for the collector alone."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from obstore.store import ObjectStore

from shared.artifacts.places import place, root_of
from shared.runtime.settings import S3Settings

PAGE: Final = 1_000
_AT_ONCE: Final = 32
# What a folder's writers write to until it is whole; listings leave it out.
_PART: Final = re.compile(r".+#\d+")
_NAME: Final = re.compile(r"[a-z]{1,16}/[0-9a-f]{64}(?:\.[a-z0-9]{1,5})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """``modified``: by the store's clock."""

    path: str
    size: int
    modified: datetime


class Inventory:
    """Paths as ``ArtifactStore`` makes them; what is gone already is no error."""

    def __init__(self, store: ObjectStore, *, root: Path | None = None) -> None:
        self._store = store
        self._root = root

    @classmethod
    def at(cls, url: str, access: S3Settings | None = None) -> Self:
        return cls(place(url, access), root=root_of(url))

    async def folders(self) -> list[str]:
        """The names at the top."""
        found = await self._store.list_with_delimiter_async()  # pyright: ignore[reportUnknownMemberType]
        return sorted(str(prefix).strip("/") for prefix in found["common_prefixes"])

    async def pages(self, folder: str) -> AsyncIterator[list[Stored]]:
        listing = self._store.list(f"{folder}/", chunk_size=PAGE)  # pyright: ignore[reportUnknownMemberType]
        async for page in listing:
            yield [
                Stored(path=one["path"], size=one["size"], modified=one["last_modified"])
                for one in page
            ]

    async def clear(self, limit: datetime) -> None:
        """Removes what writers that were killed have left in a folder, if nobody has
        written to it since ``limit``. A bucket has rules of its own for that.
        """
        if self._root is not None:
            await asyncio.to_thread(_clear, self._root, limit.timestamp())

    async def modified(self, paths: Iterable[str]) -> dict[str, datetime]:
        """When each was last written; those that are gone are left out."""
        places = asyncio.Semaphore(_AT_ONCE)

        async def asked(path: str) -> tuple[str, datetime] | None:
            async with places:
                try:
                    return path, (await self._store.head_async(path))["last_modified"]
                except FileNotFoundError:
                    return None

        found = await asyncio.gather(*(asked(path) for path in paths))
        return dict(one for one in found if one is not None)

    async def named_in(self, paths: Iterable[str]) -> set[str]:
        """Every path that the texts of these objects name; one that is gone names none."""
        places = asyncio.Semaphore(_AT_ONCE)

        async def read(path: str) -> list[str]:
            async with places:
                try:
                    body = await (await self._store.get_async(path)).bytes_async()
                except FileNotFoundError:
                    return []
            found: list[str] = _NAME.findall(bytes(body).decode("utf-8", "replace"))
            return [name if "." in name else f"{name}.json" for name in found]

        return set[str]().union(*await asyncio.gather(*map(read, paths)))

    async def remove(self, paths: Sequence[str]) -> None:
        places = asyncio.Semaphore(_AT_ONCE)

        async def gone(path: str) -> None:
            async with places:
                with suppress(FileNotFoundError):
                    await self._store.delete_async(path)

        await asyncio.gather(*(gone(path) for path in paths))


def _clear(root: Path, limit: float) -> None:
    """One that can't be looked at or removed stops nothing."""
    for folder, _, names in os.walk(root):
        for part in (Path(folder, name) for name in names if _PART.fullmatch(name)):
            with suppress(OSError):
                if part.stat().st_mtime < limit:
                    part.unlink()
