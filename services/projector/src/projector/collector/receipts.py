"""Receipts of paid calls: which of them a retry still needs (docs/decisions/0003-receipts.md)."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from projector.collector import references
from shared.artifacts.inventory import Inventory, Stored

AT_ONCE: Final = 100
Receipts = Mapping[str, Sequence[str]]


async def aged(inventory: Inventory, limit: datetime) -> dict[str, list[str]]:
    """The notes of each receipt that nobody has written to since ``limit``."""
    found: dict[str, list[Stored]] = {}
    async for page in inventory.pages("receipt"):
        for note in page:
            found.setdefault(note.path.rsplit("/", 1)[0], []).append(note)
    return {
        receipt: [note.path for note in notes]
        for receipt, notes in found.items()
        if max(note.modified for note in notes) < limit
    }


async def needed(conn: AsyncConnection, inventory: Inventory, receipts: Receipts) -> set[str]:
    """Those whose task a row still names, and whose artifact was never made: without them a retry
    would pay again. The replies that they tell of count as referred to from now on.
    """
    found: set[str] = set()
    for some in _chunks(receipts):
        read = await asyncio.gather(*(_key(inventory, receipts[receipt]) for receipt in some))
        keys = dict(zip(some, read, strict=True))
        known = await references.among(conn, sorted(set[str]().union(*keys.values())))
        unmade = known - set(await inventory.modified(known))
        kept = [receipt for receipt in some if keys[receipt] & unmade]
        ends = (note for receipt in kept for note in _of(receipts[receipt], "end"))
        await references.tell(conn, [], sorted(await inventory.named_in(ends)))
        await conn.commit()
        found.update(kept)
    return found


async def _key(inventory: Inventory, notes: Sequence[str]) -> set[str]:
    """The manifest of the task that the calls were for, as their first notes say."""
    return await inventory.named_in(_of(notes, "sending"))


def _of(notes: Sequence[str], what: str) -> Iterator[str]:
    return (note for note in notes if note.rsplit("/", 1)[-1].startswith(f"{what}-"))


def _chunks(names: Iterable[str]) -> Iterator[list[str]]:
    left = iter(names)
    while some := list(islice(left, AT_ONCE)):
        yield some
