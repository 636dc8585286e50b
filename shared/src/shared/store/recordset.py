"""Many rows, one statement, one parameter: a jsonb array unfolded by the columns' own types."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, DateTime, Table, any_, bindparam, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.types import TypeEngine

Rows = Sequence[dict[str, Any]]


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """``column IN`` a list that is given at execution as the parameter ``name``: the statement is
    built and prepared once, for however many.
    """
    return column == any_(bindparam(name, type_=ARRAY(column.type)))


async def insert_rows(
    conn: AsyncConnection, table: Table, rows: Rows, *, ignore: bool = False
) -> int:
    """Inserts the rows (all with the same columns); with ``ignore`` those that exist stay. Answers
    how many were new.
    """
    if not rows:
        return 0
    statement = _insert(table, tuple(rows[0]), ignore)
    return (await conn.execute(statement, {"rows": _dumped(rows)})).rowcount


async def update_rows(conn: AsyncConnection, table: Table, rows: Rows, extra: str = "") -> int:
    """Updates by ``id`` the other columns of each row (all with the same columns), plus ``extra``
    assignments.
    """
    if not rows:
        return 0
    statement = _update(table, tuple(rows[0]), extra)
    return (await conn.execute(statement, {"rows": _dumped(rows)})).rowcount


def typed(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON-ready values as their columns would give them back."""
    return {name: _read(table.c[name].type, value) for name, value in values.items()}


def _read(kind: TypeEngine[Any], value: Any) -> Any:
    if value is not None and isinstance(kind, UUID):
        return uuid.UUID(value)
    if value is not None and isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    return value


def _dumped(rows: Rows) -> str:
    return json.dumps(list(rows), ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=64)
def _insert(table: Table, columns: tuple[str, ...], ignore: bool) -> TextClause:  # noqa: FBT001
    names = ", ".join(columns)
    conflict = " ON CONFLICT DO NOTHING" if ignore else ""
    return text(
        f"INSERT INTO {_name(table)} ({names}) "  # noqa: S608
        f"SELECT {names} FROM {_unfolded(table, columns)}{conflict}"
    )


@lru_cache(maxsize=64)
def _update(table: Table, columns: tuple[str, ...], extra: str) -> TextClause:
    changes = [f"{name} = v.{name}" for name in columns if name != "id"]
    if extra:
        changes.append(extra)
    return text(
        f"UPDATE {_name(table)} AS t SET {', '.join(changes)} "  # noqa: S608
        f"FROM {_unfolded(table, columns)} WHERE t.id = v.id"
    )


def _unfolded(table: Table, columns: tuple[str, ...]) -> str:
    dialect = postgresql.dialect()
    kinds = ", ".join(f"{name} {table.c[name].type.compile(dialect)}" for name in columns)
    return f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS v({kinds})"


def _name(table: Table) -> str:
    return f"{table.schema}.{table.name}" if table.schema else table.name
