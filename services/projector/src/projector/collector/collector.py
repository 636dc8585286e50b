"""One pass: mark what nothing refers to, unmark what came back, remove what was marked long ago."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from obstore.exceptions import BaseError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from projector.collector import receipts, references
from shared.artifacts.inventory import Inventory, Stored
from shared.store import aggregate, collecting
from shared.store.engine import is_away

PASS_LOCK: Final = 7305_2290_1169
BATCH: Final = 200
REMOVE_S: Final = 10.0
KEPT: Final = timedelta(days=7)
BRIEF: Final = timedelta(hours=24)
BRIEF_KINDS: Final = ("preview", "sample")
RECEIPTS: Final = timedelta(days=5)  # less than KEPT: a receipt is looked at before its reply goes
TOMBSTONES: Final = timedelta(days=30)
PARTS: Final = timedelta(days=1)
_KEPT_NOTES: Final = {"cancelled": TOMBSTONES, "failed": BRIEF, "probe": BRIEF}
_OURS: Final = re.compile(r"^[a-z]{1,16}/[0-9a-f]{64}\.[a-z0-9]{1,5}$")
_NO_ARTIFACTS: Final = frozenset({"receipt", "control"})

_MARK: Final = text("""
    INSERT INTO unreferenced (path) SELECT unnest(CAST(:paths AS text[]))
    ON CONFLICT (path) DO UPDATE SET since = now(), gone_at = NULL
        WHERE unreferenced.gone_at IS NOT NULL
""")
_UNMARK: Final = text("DELETE FROM unreferenced WHERE path = ANY(:paths)")
_GONE: Final = text("UPDATE unreferenced SET gone_at = now() WHERE path = ANY(:paths)")
_DUE: Final = text("""
    SELECT path FROM unreferenced
    WHERE gone_at IS NULL AND since < now() - CASE
        WHEN split_part(path, '/', 1) = ANY(:brief) THEN CAST(:short AS interval)
        ELSE CAST(:long AS interval) END
    ORDER BY path LIKE 'blob/%', path LIMIT :most
""")
_DUE_BINDS: Final = {"brief": list(BRIEF_KINDS), "short": BRIEF, "long": KEPT}
_OLDEST: Final = text("SELECT min(opened_at) FROM runs WHERE state = 'active'")
_TRY: Final = text("SELECT pg_try_advisory_lock(:lock)")
_RELEASE: Final = text("SELECT pg_advisory_unlock(:lock)")
_log = structlog.get_logger()


@dataclass(slots=True)
class Report:
    """``ran`` is false when another process collects. ``due``: what this pass would remove, or
    did, receipts and marks among it; ``bytes`` of all that nothing refers to.
    """

    ran: bool = False
    seen: int = 0
    unreferenced: int = 0
    bytes: int = 0
    due: list[str] = field(default_factory=list[str])


class Collector:
    """One pass at a time in the whole system. Whatever is newer than the oldest open run stays."""

    def __init__(self, engine: AsyncEngine, inventory: Inventory) -> None:
        self._engine = engine
        self._inventory = inventory

    async def collect(self, *, dry: bool = False) -> Report:
        """``dry``: looks, and writes and removes nothing."""
        report = Report()
        async with self._engine.connect() as conn:
            if not (await conn.execute(_TRY, {"lock": PASS_LOCK})).scalar():
                return report
            try:
                report.ran = True
                await self._pass(conn, report, dry=dry)
            except BaseError as away:
                _log.warning("collector.waiting", reason=repr(away))  # the next pass goes on
            finally:
                await self._release(conn)
        if report.due and not dry:
            _log.info("artifacts.removed", count=len(report.due))
        return report

    async def _release(self, conn: AsyncConnection) -> None:
        """A connection that broke has released it already."""
        with suppress(DBAPIError, OSError):
            await conn.rollback()
            await references.forget(conn)
            await conn.execute(_RELEASE, {"lock": PASS_LOCK})
            await conn.commit()

    async def _pass(self, conn: AsyncConnection, report: Report, *, dry: bool) -> None:
        began = await aggregate.now(conn)
        await references.gather(conn)
        while untold := await references.untold(conn):
            await conn.commit()  # reading takes its time
            named = await self._inventory.named_in(untold)
            await references.tell(conn, untold, sorted(named))
        await conn.commit()
        old = await self._old_notes(conn, began)
        folders = [name for name in await self._inventory.folders() if name not in _NO_ARTIFACTS]
        for folder in sorted(folders, key=lambda name: name == "blob"):  # manifests name blobs
            async for page in self._inventory.pages(folder):
                await self._look(conn, page, report, dry=dry)
        if dry:
            report.due = [*old, *await self._would(conn)]
            return
        await self._inventory.remove(old)
        await self._inventory.clear(began - PARTS)
        report.due += old
        while (removed := await self._sweep(began)) is not None:
            report.due += removed

    async def _look(
        self, conn: AsyncConnection, page: Sequence[Stored], report: Report, *, dry: bool
    ) -> None:
        """Marks and unmarks one page of the listing."""
        ours = {one.path: one for one in page if _OURS.match(one.path)}
        found = await references.among(conn, list(ours))
        lost = [path for path in ours if path not in found]
        if not dry:
            await conn.execute(_MARK, {"paths": lost})
            await conn.execute(_UNMARK, {"paths": sorted(found)})
        await conn.commit()
        report.seen += len(ours)
        report.unreferenced += len(lost)
        report.bytes += sum(ours[path].size for path in lost)

    async def _would(self, conn: AsyncConnection) -> list[str]:
        due = list((await conn.execute(_DUE, {"most": None, **_DUE_BINDS})).scalars())
        spared = await references.among(conn, due)
        spared |= await self._young(conn, (path for path in due if path not in spared))
        return [path for path in due if path not in spared]

    async def _sweep(self, began: datetime) -> list[str] | None:
        """Removes one batch; what came back to use meanwhile is spared, its mark taken off. None
        at the end.
        """
        try:
            async with self._engine.begin() as conn:
                await collecting.alone(conn)
                due = (await conn.execute(_DUE, {"most": BATCH, **_DUE_BINDS})).scalars()
                batch = list(due)
                if not batch:
                    return None
                spared = await self._spared(conn, batch, began)
                doomed = [path for path in batch if path not in spared]
                await self._removed(doomed)
                await conn.execute(_UNMARK, {"paths": sorted(spared)})
                await conn.execute(_GONE, {"paths": doomed})
        except Exception as error:
            if not is_away(error):
                raise
            _log.warning("collector.waiting", reason=repr(error))
            return None
        return doomed

    async def _removed(self, doomed: Sequence[str]) -> None:
        """Bounded, since openings wait meanwhile. What is left over lies in the next listing."""
        try:
            async with asyncio.timeout(REMOVE_S):
                await self._inventory.remove(doomed)
        except TimeoutError:
            _log.warning("removal.slow", count=len(doomed))

    async def _spared(
        self, conn: AsyncConnection, batch: Sequence[str], began: datetime
    ) -> set[str]:
        """Asked under the lock: referred to since the pass began, or written since the limit."""
        fresh = await references.fresh(conn, batch, began - timedelta(minutes=1))
        unread = {path for path in fresh if not path.startswith("blob/")}
        while unread:
            named = await self._inventory.named_in(unread) - fresh
            fresh |= named
            unread = {path for path in named if not path.startswith("blob/")}
        young = await self._young(conn, (path for path in batch if path not in fresh))
        return (fresh & set(batch)) | young

    async def _young(self, conn: AsyncConnection, paths: Iterable[str]) -> set[str]:
        """Those written so late that writing them counts as use."""
        limits = await self._limits(conn)
        modified = await self._inventory.modified(paths)
        return {
            path for path, at in modified.items() if at > limits[path.split("/")[0] in BRIEF_KINDS]
        }

    async def _limits(self, conn: AsyncConnection) -> dict[bool, datetime]:
        """Since when writing counts as use: for brief kinds (True) and all others."""
        now = await aggregate.now(conn)
        oldest = (await conn.execute(_OLDEST)).scalar() or now
        return {True: min(now - BRIEF, oldest), False: min(now - KEPT, oldest)}

    async def _old_notes(self, conn: AsyncConnection, now: datetime) -> list[str]:
        """Receipts that no retry needs, whole, so that no half of one lets a call be made again;
        tombstones of runs that nobody can take up any more; what a start left behind; why a preview
        failed that is gone.
        """
        oldest = (await conn.execute(_OLDEST)).scalar() or now
        await conn.commit()
        aged = await receipts.aged(self._inventory, min(now - RECEIPTS, oldest))
        needed = await receipts.needed(conn, self._inventory, aged)
        old = [note for receipt in aged.keys() - needed for note in aged[receipt]]
        for folder, kept in _KEPT_NOTES.items():
            async for page in self._inventory.pages(f"control/{folder}"):
                old += [one.path for one in page if one.modified < min(now - kept, oldest)]
        return old
