"""The engine: bounded in every wait, and one answer to "is the database away, or is it us?"."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg  # pyright: ignore[reportMissingTypeStubs]  (it has none)
from asyncpg.exceptions import _base  # pyright: ignore[reportMissingTypeStubs]
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

_CONNECT_S: Final = 5
_USED: Final = "used"  # when, by the clock that never goes back
_SERVER_SETTINGS = {
    "statement_timeout": "15000",
    "lock_timeout": "10000",
    "idle_in_transaction_session_timeout": "30000",
    "timezone": "UTC",
}


def store_engine(  # noqa: PLR0913  (how it is used, by name)
    database_url: str,
    *,
    pool: int,
    application: str,
    generic_plans: bool = False,
    command_timeout_s: float | None = 20,
    trusted_s: float = 0,
) -> AsyncEngine:
    """An engine on asyncpg; ``database_url`` is a plain ``postgresql://`` address, ``sslmode`` as
    libpq has it.

    No overflow connections: each costs a backend per use. The one that was used last is used next:
    each has to prepare for itself what it is asked. A dead connection is found before its use: the
    driver has heard of its end, or it does not answer. Not asked is only one that was used within
    the last ``trusted_s`` seconds, for those who do it again if it fails.
    ``generic_plans``: no statement is planned anew for its values, for those whose values tell the
    planner nothing (whole tables of rows in one).
    ``command_timeout_s`` bounds each statement on this side; None leaves it to the server's limits.
    """
    plans = {"plan_cache_mode": "force_generic_plan"} if generic_plans else {}
    plain = database_url.replace("postgres://", "postgresql://", 1)
    url = make_url(plain.replace("postgresql://", "postgresql+asyncpg://", 1))
    modes = url.normalized_query.get("sslmode", ())
    engine = create_async_engine(
        url.difference_update_query(["sslmode"]),
        pool_size=pool,
        max_overflow=0,
        pool_timeout=5,
        pool_use_lifo=True,
        connect_args={
            **({"ssl": modes[-1]} if modes else {}),  # the driver's name for it
            "timeout": _CONNECT_S,
            "command_timeout": command_timeout_s,
            "server_settings": {**_SERVER_SETTINGS, **plans, "application_name": application},
        },
    )
    _try_before_use(engine, trusted_s)
    return engine


async def _asked(driver: Any) -> None:
    """One way there and back, within the time that a new connection may take."""
    await driver.fetchrow(";", timeout=_CONNECT_S)


def _try_before_use(engine: AsyncEngine, trusted_s: float) -> None:
    """SQLAlchemy's ``pool_pre_ping`` takes three ways there and back each time."""

    @event.listens_for(engine.sync_engine, "checkout")
    def tried(connection: Any, record: Any, _: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        last = record.info.get(_USED)
        if last is None:  # new: whatever is wrong with it, its first statement tells
            return
        if connection.driver_connection.is_closed():
            raise DisconnectionError("the server closed it")
        if time.monotonic() - last < trusted_s:
            return
        try:
            connection.run_async(_asked)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as dead:
            raise InvalidatePoolError(str(dead)) from dead  # nor will the others answer

    @event.listens_for(engine.sync_engine, "checkin")
    def used(_: Any, record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        record.info[_USED] = time.monotonic()


@asynccontextmanager
async def autocommit(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """A connection on which each statement is a transaction of its own: two ways there and back
    less, for reads (each sees what was committed before it, in a transaction too) and for single
    changes.
    """
    async with engine.connect() as conn:
        yield await conn.execution_options(isolation_level="AUTOCOMMIT")


async def driver_of(conn: AsyncConnection) -> Any:
    """The driver's own connection (asyncpg), for reads that are made so often that SQLAlchemy's
    share of them counts; never for writes: it begins no transaction. What it raises, ``is_away``
    knows.
    """
    return (await conn.get_raw_connection()).driver_connection


async def try_lock(conn: AsyncConnection, number: int) -> bool:
    """Whether this transaction is now the only one in the whole system with that lock."""
    query = text("SELECT pg_try_advisory_xact_lock(:number)")
    return bool((await conn.execute(query, {"number": number})).scalar())


def is_away(error: BaseException) -> bool:
    """True when the database could not be reached, gave up the connection or takes nothing now:
    wait and try again, don't reject.
    """
    if isinstance(error, asyncpg.DataError | _base.DataError):
        return False  # asyncpg counts what it can't encode among the errors of its interface
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig is not None else None
        return error.connection_invalidated or (cause is not None and is_away(cause))
    return isinstance(
        error,
        OSError
        | TimeoutError
        | PoolTimeoutError
        | asyncpg.InterfaceError
        | asyncpg.PostgresConnectionError
        | asyncpg.CannotConnectNowError
        | asyncpg.InsufficientResourcesError  # connections, memory, disk
        | asyncpg.OperatorInterventionError
        | asyncpg.LockNotAvailableError
        | asyncpg.DeadlockDetectedError
        | asyncpg.QueryCanceledError
        | asyncpg.PostgresSystemError  # its disk
        | asyncpg.ReadOnlySQLTransactionError  # a standby, or a primary that has become one
        | asyncpg.InvalidAuthorizationSpecificationError
        | asyncpg.InvalidCatalogNameError,
    )


def holds_up(error: BaseException) -> bool:
    """``is_away``, or not as this version needs it (not upgraded yet, no rights): for those who
    would give a message up that nothing is wrong with.
    """
    cause = error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig else error
    lacks = (
        asyncpg.UndefinedTableError,
        asyncpg.UndefinedColumnError,
        asyncpg.InsufficientPrivilegeError,
    )
    return isinstance(cause, lacks) or is_away(error)
