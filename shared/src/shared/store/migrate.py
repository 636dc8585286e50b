"""``python -m shared.store.migrate``: brings the schema to this version, one process at a time."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import asyncpg  # pyright: ignore[reportMissingTypeStubs]  (it has none)
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from shared.errors import ServiceError
from shared.runtime.settings import StoreSettings, read
from shared.store.engine import store_engine

_LOCK: Final = 7305_2290_1165
_STATEMENT_S: Final = 600
_WAIT_S: Final = 60  # for a lock
_HINTS: Final[Mapping[type[BaseException], str]] = {
    asyncpg.QueryCanceledError: f"A statement may take {_STATEMENT_S} s.",
    asyncpg.LockNotAvailableError: "Another upgrade or transaction holds what this one needs: "
    "try again when it has ended.",
}


class SchemaError(ServiceError):
    """The database holds something that we do not know how to upgrade; nothing was changed."""

    code = "schema_unknown"


def upgrade(database_url: str) -> None:
    """Creates or upgrades the schema in one transaction under an advisory lock; repeating it does
    nothing.

    Raises SchemaError, with nothing changed, for a ``video_projects`` of an unknown shape and for
    a schema of a later version.
    """
    asyncio.run(upgrade_async(database_url))


async def upgrade_async(
    database_url: str, *, statement_s: float = _STATEMENT_S, wait_s: float = _WAIT_S
) -> None:
    """As ``upgrade``, inside a running event loop, with limits for each statement and each
    wait for a lock.
    """
    engine = store_engine(database_url, pool=1, application="migrate", command_timeout_s=None)
    try:
        async with engine.begin() as conn:
            await conn.execute(text(f"SET LOCAL lock_timeout = '{wait_s}s'"))
            await conn.execute(text(f"SET LOCAL statement_timeout = '{statement_s}s'"))
            await conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await conn.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    config = Config()
    scripts = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", scripts.replace("%", "%%"))  # it interpolates
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as unknown:
        raise SchemaError(
            f"this database was upgraded by a later version ({unknown}). Run that version, or "
            "restore the backup that was made before the upgrade."
        ) from unknown


def refusal(error: DBAPIError | asyncpg.PostgresError) -> str:
    """What the database said, and where it was one of the limits here, what that means."""
    said = error.orig if isinstance(error, DBAPIError) and error.orig else error
    hint = _HINTS.get(type(said.__cause__ or said))
    return f"{said}. {hint}" if hint else str(said)


def main() -> None:
    settings = read(StoreSettings)
    try:
        upgrade(settings.database_url)
    except SchemaError as unknown:
        sys.exit(f"Not upgraded, nothing was changed: {unknown}")
    except (DBAPIError, asyncpg.PostgresError) as refused:
        sys.exit(f"Not upgraded, nothing was changed. The database says: {refusal(refused)}")
    except OSError as away:
        why = str(away) or "no answer"
        sys.exit(f"The database can't be reached ({why}). Check DATABASE_URL.")
    sys.stdout.write("The schema is up to date.\n")


if __name__ == "__main__":
    main()
