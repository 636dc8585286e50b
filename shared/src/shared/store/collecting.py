"""Between those who take artifacts into use and the collector, who removes them: one lock.

Who writes a reference (an opening, a dispatch, an upload) shares the lock until its commit; the
collector holds it alone while it looks a last time and removes. So each sees all that the other
did.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.state import Run
from shared.store.recordset import Statement, among
from shared.store.tables import unreferenced

LOCK: Final = 7305_2290_1168
SHARING: Final = f"pg_advisory_xact_lock_shared({LOCK})"
SHARED: Final[ColumnElement[Any]] = literal_column(SHARING)
_SHARED: Final = select(SHARED)
_SHARING: Final = f"SELECT {SHARING}"
_ALONE: Final = text("SELECT pg_advisory_xact_lock(:lock)")
_PATIENCE: Final = text("SET LOCAL lock_timeout = '2s'")


async def sharing(conn: AsyncConnection) -> None:
    """Until this transaction ends, nothing is removed."""
    await conn.execute(_SHARED)


def with_sharing(changes: Sequence[Statement]) -> list[Statement]:
    """``sharing`` sent as one with the ``changes``, for who reads nothing that the collector
    writes (else ``sharing`` first): whichever is done first, the commit comes after the lock.

    It has to be the last one: a SELECT before it, which nobody reads, is never run.
    """
    return [*changes, Statement(_SHARING, {})]


async def alone(conn: AsyncConnection) -> None:
    """Until this transaction ends, nothing new is referred to; gives up after 2 s of waiting."""
    await conn.execute(_PATIENCE)
    await conn.execute(_ALONE, {"lock": LOCK})


def removed(paths: str) -> ColumnElement[bool]:
    """Whether one of those in the parameter ``paths`` was taken away by the collector within the
    last day, for a statement after that by which the caller shares the lock.
    """
    return exists().where(among(unreferenced.c.path, paths), unreferenced.c.gone_at.is_not(None))


def kept_by(run: Run) -> set[str]:
    """The paths of everything that the run's tasks have already."""
    manifests = [task.manifest for task in run.tasks if task.manifest is not None]
    return {f"{manifest.key}.json" for manifest in manifests} | {
        blob.path for manifest in manifests for blob in manifest.blobs.values()
    }
