"""Many rows, one parameter: a jsonb array unfolded by the columns' own types. Many tables, one
statement.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic_core import to_json
from sqlalchemy import ARRAY, ColumnElement, DateTime, Row, Table, any_, bindparam, text
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


class Statement(NamedTuple):
    """A change to one table; ``{n}`` stands in the names of its parameters, whose values are by
    name without it, and ``{provided}`` where its condition may go on.
    """

    sql: str
    values: dict[str, Any]


def inserting(table: Table, rows: Rows) -> list[Statement]:
    """The rows as new ones; all have the same columns."""
    return [Statement(_insert(table, tuple(rows[0])), {"rows": _dumped(rows)})] if rows else []


def updating(table: Table, rows: Rows, extra: str = "") -> list[Statement]:
    """By ``id`` the other columns of each row, plus ``extra`` assignments; all have the same
    columns.
    """
    return (
        [Statement(_update(table, tuple(rows[0]), extra), {"rows": _dumped(rows)})] if rows else []
    )


async def send(conn: AsyncConnection, statements: Sequence[Statement]) -> None:
    """All of them as one: a way there and back costs more than most rows. None sees what another
    does, nor may two of them change one row, and they are done in whatever order. Only the last
    one may be a SELECT.
    """
    if statements:
        await conn.execute(_joined(tuple(each.sql for each in statements)), _values(statements))


async def send_provided(
    conn: AsyncConnection, that: Statement, statements: Sequence[Statement], answer: str
) -> Row[Any]:
    """``send``, but if what ``that`` selects, one row whose ``holds`` is true or false, is false,
    nothing is changed. ``answer``: what is to be selected from that row.
    """
    parts = (*statements, that)
    joined = _provided(tuple(each.sql for each in parts), answer)
    return (await conn.execute(joined, _values(parts))).one()


def _values(statements: Sequence[Statement]) -> dict[str, Any]:
    return {
        f"{name}{n}": value
        for n, each in enumerate(statements)
        for name, value in each.values.items()
    }


@lru_cache(maxsize=512)
def _joined(sqls: tuple[str, ...]) -> TextClause:
    *others, last = (sql.format(n=n, provided="") for n, sql in enumerate(sqls))
    named = ", ".join(f"part{n} AS ({each})" for n, each in enumerate(others))
    return text(f"WITH {named} {last}" if named else last)


@lru_cache(maxsize=512)
def _provided(sqls: tuple[str, ...], answer: str) -> TextClause:
    if not all("{provided}" in sql for sql in sqls[:-1]):
        raise ValueError("a statement that can't be made to depend on another")
    provided = " AND (SELECT holds FROM that)"
    *parts, that = (sql.format(n=n, provided=provided) for n, sql in enumerate(sqls))
    named = "".join(f", part{n} AS ({each})" for n, each in enumerate(parts))
    return text(f"WITH that AS ({that}){named} SELECT {answer} FROM that")  # noqa: S608


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
    return to_json(rows).decode()


@lru_cache(maxsize=64)
def _insert(table: Table, columns: tuple[str, ...]) -> str:
    names = ", ".join(columns)
    return (
        f"INSERT INTO {_name(table)} ({names}) "  # noqa: S608
        f"SELECT {names} FROM {_unfolded(table, columns)} WHERE true{{provided}}"
    )


@lru_cache(maxsize=64)
def _update(table: Table, columns: tuple[str, ...], extra: str) -> str:
    changes = [f"{name} = v.{name}" for name in columns if name != "id"]
    if extra:
        changes.append(extra)
    return (
        f"UPDATE {_name(table)} AS t SET {', '.join(changes)} "  # noqa: S608
        f"FROM {_unfolded(table, columns)} WHERE t.id = v.id{{provided}}"
    )


def _unfolded(table: Table, columns: tuple[str, ...]) -> str:
    dialect = postgresql.dialect()
    kinds = ", ".join(f"{name} {table.c[name].type.compile(dialect)}" for name in columns)
    return f"jsonb_to_recordset(CAST(:rows{{n}} AS jsonb)) AS v({kinds})"


def _name(table: Table) -> str:
    return f"{table.schema}.{table.name}" if table.schema else table.name
