"""What is asked of the database, by way of SQLAlchemy and straight through the driver."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


@contextmanager
def asked_of(engine: AsyncEngine) -> Iterator[list[tuple[str, Any]]]:
    """Each statement with its parameters, over connections that are lent from now on."""
    found: list[tuple[str, Any]] = []
    lent: set[Any] = set()

    def seen(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        found.append((statement, parameters))

    def logged(query: Any) -> None:
        found.append((query.query, query.args))

    def listen(connection: Any, *_: Any) -> None:
        lent.add(connection.driver_connection)
        connection.driver_connection.add_query_logger(logged)

    event.listen(engine.sync_engine, "before_cursor_execute", seen)
    event.listen(engine.sync_engine, "checkout", listen)
    try:
        yield found
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", seen)
        event.remove(engine.sync_engine, "checkout", listen)
        for connection in lent:
            connection.remove_query_logger(logged)
