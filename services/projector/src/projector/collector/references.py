"""What refers to artifacts: every path that a row of these tables names, in whatever field.

Whoever names a path keeps it: so a new kind of reference needs no new rule here.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

CHUNK: Final = 2_000
_NAME: Final = r"([a-z]{1,16}/[0-9a-f]{64}(\.[a-z0-9]{1,5})?)"
_PATH: Final = "m[1] || CASE WHEN m[2] IS NULL THEN '.json' ELSE '' END"

_BLOB: Final = "m[1] LIKE 'blob/%'"

# Table → what a row says; which of its paths it tells whole, their blobs with them; whether it may
# have come to say it since a moment. The last is wide on purpose: it is asked under a lock, of few.
_TABLES: Final[dict[str, tuple[str, str, str]]] = {
    "tasks": (
        "concat_ws(' ', t.spec_hash, CAST(t.manifest AS text))",
        f"{_BLOB} OR m[1] = t.manifest->>'key'",
        """t.run_id IN (SELECT id FROM runs
            WHERE state = 'active' OR opened_at >= :since OR closed_at >= :since)""",
    ),
    "runs": (
        "concat_ws(' ', CAST(t.script AS text), CAST(t.revise AS text))",
        _BLOB,
        "t.state = 'active' OR t.opened_at >= :since OR t.closed_at >= :since",
    ),
    "video_projects": (
        "concat_ws(' ', CAST(t.script AS text), CAST(t.video AS text), CAST(t.options AS text))",
        f"{_BLOB} OR m[1] = t.video->>'key'",
        "t.updated_at >= :since OR t.created_at >= :since",
    ),
    "uploads": ("CAST(t.blob AS text)", _BLOB, "t.created_at >= :since"),
}
_TEMPORARY: Final = text(
    "CREATE TEMPORARY TABLE referred (path text PRIMARY KEY, told boolean NOT NULL)"
)
_DROPPED: Final = text("DROP TABLE IF EXISTS pg_temp.referred")
_CHANGED: Final = " UNION ALL ".join(
    f"SELECT {_PATH} AS path FROM {table} t, "  # noqa: S608  (constants of this module)
    f"LATERAL regexp_matches({says}, '{_NAME}', 'g') AS m WHERE {changed}"
    for table, (says, _, changed) in _TABLES.items()
)
_FRESH: Final = text(f"""
    SELECT DISTINCT path FROM ({_CHANGED}) AS named WHERE path = ANY(:paths) OR path IN (
        SELECT u.path FROM unreferenced u WHERE u.gone_at IS NULL AND u.path NOT LIKE 'blob/%')
""")  # noqa: S608  (constants of this module)


async def gather(conn: AsyncConnection) -> None:
    """Fills the temporary table ``referred`` (path, told) of this connection, in small bites.

    ``told`` is false where only a key is known: what its manifest names stands in the store alone.
    """
    await forget(conn)
    await conn.execute(_TEMPORARY)
    await conn.commit()
    for table, (says, told, _) in _TABLES.items():
        last = None
        while (last := await _bite(conn, table, says, told, last)) is not None:
            await conn.commit()
        await conn.commit()


async def forget(conn: AsyncConnection) -> None:
    await conn.execute(_DROPPED)
    await conn.commit()


async def untold(conn: AsyncConnection) -> list[str]:
    """Some of the manifests that must be read; none when all is known."""
    query = text("SELECT path FROM referred WHERE NOT told LIMIT :most")
    return list((await conn.execute(query, {"most": CHUNK})).scalars())


async def tell(conn: AsyncConnection, read: Sequence[str], named: Sequence[str]) -> None:
    """These manifests were read, and name these paths."""
    query = text("""
        INSERT INTO referred
        SELECT path, path LIKE 'blob/%' FROM unnest(CAST(:named AS text[])) AS path
        ON CONFLICT (path) DO NOTHING
    """)
    await conn.execute(query, {"named": list(named)})
    known = text("UPDATE referred SET told = true WHERE path = ANY(:read)")
    await conn.execute(known, {"read": list(read)})


async def among(conn: AsyncConnection, paths: Sequence[str]) -> set[str]:
    """Those that are referred to."""
    query = text("SELECT path FROM referred WHERE path = ANY(:paths)")
    return set((await conn.execute(query, {"paths": list(paths)})).scalars())


async def fresh(conn: AsyncConnection, paths: Sequence[str], since: datetime) -> set[str]:
    """Those of ``paths`` that rows changed since then refer to; and every manifest that was
    unreferenced and is not any more.
    """
    found = await conn.execute(_FRESH, {"paths": list(paths), "since": since})
    return set(found.scalars())


async def _bite(
    conn: AsyncConnection, table: str, says: str, told: str, last: object
) -> object | None:
    """Takes the rows behind ``last``; answers the last one's id, None at the end."""
    behind = "WHERE id > :last" if last is not None else ""
    bounds = {"last": last, "most": CHUNK} if last is not None else {"most": CHUNK}
    chunk = f"SELECT * FROM {table} {behind} ORDER BY id LIMIT :most"  # noqa: S608
    query = text(f"SELECT id FROM ({chunk}) AS c ORDER BY id DESC LIMIT 1")  # noqa: S608
    upto = (await conn.execute(query, bounds)).scalar()
    if upto is not None:
        named = f"""
            INSERT INTO referred
            SELECT {_PATH} AS path, bool_or(coalesce({told}, false))
            FROM ({chunk}) AS t, LATERAL regexp_matches({says}, '{_NAME}', 'g') AS m
            GROUP BY 1
            ON CONFLICT (path) DO UPDATE SET told = referred.told OR excluded.told
        """  # noqa: S608  (constants of this module)
        await conn.execute(text(named), bounds)
    return upto
