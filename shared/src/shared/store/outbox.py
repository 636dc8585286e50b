"""The outbox: messages that commit together with the state they follow from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, Integer, bindparam, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.messages.asides import Aside, PreviewScene, SampleVoice
from shared.messages.base import derived_id
from shared.messages.commands import AnyCommand
from shared.messages.control import StopRun
from shared.messages.milestones import AnyMilestone, Milestone, RunFailed
from shared.store import tables
from shared.store.recordset import Statement, among, send

# More than a publish may take. It is what everybody waits for when a relay dies with rows in hand.
LEASE_S: Final = 15
_MOST_BACKOFF: Final = 6

Outgoing = AnyCommand | PreviewScene | SampleVoice | AnyMilestone | StopRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A row that this relay holds for ``LEASE_S`` seconds. ``closed`` says that its run is not
    open any more.
    """

    id: int
    message_id: UUID
    exchange: str
    routing_key: str
    type: str
    body: bytes
    run_id: UUID | None
    closed: bool


_APPEND: Final = """
    INSERT INTO outbox (message_id, exchange, routing_key, type, body, run_id)
    SELECT * FROM unnest(CAST(:message_id{n} AS uuid[]), CAST(:exchange{n} AS text[]),
        CAST(:routing_key{n} AS text[]), CAST(:type{n} AS text[]), CAST(:body{n} AS bytea[]),
        CAST(:run_id{n} AS uuid[])) WHERE true{provided}
    ON CONFLICT (message_id) DO NOTHING
"""


class Letter(NamedTuple):
    """A message and where it goes."""

    exchange: str
    routing_key: str
    message: Outgoing


async def append(conn: AsyncConnection, letters: Sequence[Letter]) -> None:
    """Adds messages; one whose id is there already is the same message, and stays once."""
    await send(conn, appending(letters))


def appending(letters: Sequence[Letter]) -> list[Statement]:
    """``append``, to be sent with other changes."""
    rows = [_row(letter) for letter in letters]
    values = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
    return [Statement(_APPEND, values)] if rows else []


def _row(letter: Letter) -> dict[str, Any]:
    message = letter.message
    return {
        "message_id": message.meta.message_id,
        "exchange": letter.exchange,
        "routing_key": letter.routing_key,
        "type": message.type,
        "body": message.model_dump_json().encode(),
        "run_id": None if isinstance(message, Aside) else message.meta.run_id,
    }


async def append_raw(  # noqa: PLR0913  (a row of the table)
    conn: AsyncConnection,
    exchange: str,
    key: str,
    body: bytes,
    *,
    kind: str,
    message_id: UUID,
    run_id: UUID,
) -> None:
    """A message that was sent before, byte for byte, under an id of its own: its first row may
    still be here. Never a command: those have one writer (``dispatch``).
    """
    row = insert(tables.outbox).values(
        message_id=message_id,
        exchange=exchange,
        routing_key=key,
        type=kind,
        body=body,
        run_id=run_id,
    )
    await conn.execute(row.on_conflict_do_nothing(index_elements=["message_id"]))


_BOX: Final = tables.outbox.c
# Part of a statement's condition: its transaction ends without waiting for the disk. A crash of the
# server may take the last half second's notes with it, and their messages are sent again. Evaluated
# once, before any row.
_UNHURRIED: Final = (
    select(func.set_config("synchronous_commit", "off", true())).scalar_subquery() == "off"
)
_CLAIM: Final = (
    update(tables.outbox)
    .where(
        _BOX.id.in_(
            select(_BOX.id)
            .where(_BOX.published_at.is_(None), _BOX.due_at <= func.now())
            .order_by(_BOX.id)
            .limit(bindparam("most", type_=Integer))
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        ),
        _UNHURRIED,
    )
    .values(
        due_at=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, LEASE_S),
        attempts=_BOX.attempts + 1,
    )
    .returning(
        tables.outbox,
        select(tables.runs.c.state)
        .where(tables.runs.c.id == _BOX.run_id)
        .scalar_subquery()
        .label("run_state"),
    )
)
_MARK: Final = (
    update(tables.outbox)
    .where(among(_BOX.id, "ids"), _UNHURRIED)
    .values(published_at=func.now(), dropped=bindparam("dropping", type_=Boolean))
)
_BACKOFF: Final = func.power(2, func.least(_BOX.attempts, _MOST_BACKOFF)) * 0.25
_RELEASE: Final = (
    update(tables.outbox)
    .where(among(_BOX.id, "ids"), _UNHURRIED)
    .values(due_at=func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, _BACKOFF))
)


async def claim(conn: AsyncConnection, most: int) -> list[Claimed]:
    """Takes due rows in the order of their ids; no row lock outlives this short transaction, which
    must be its own: its end does not wait for the disk.
    """
    taken = await conn.execute(_CLAIM, {"most": most})
    found = [
        Claimed(
            id=row["id"],
            message_id=row["message_id"],
            exchange=row["exchange"],
            routing_key=row["routing_key"],
            type=row["type"],
            body=bytes(row["body"]),
            run_id=row["run_id"],
            closed=row["run_state"] not in {None, "active"},
        )
        for row in taken.mappings()
    ]
    return sorted(found, key=lambda row: row.id)


async def mark(conn: AsyncConnection, sent: Sequence[int], *, dropped: bool = False) -> None:
    """Done with these rows: published, or dropped because their run is closed. A transaction of its
    own, as for ``claim``.
    """
    if sent:
        await conn.execute(_MARK, {"ids": sent, "dropping": dropped})


async def release(conn: AsyncConnection, ids: Sequence[int]) -> None:
    """Not sent: due again after a back-off of 2^attempts × 0.25 s, 16 s at most. A transaction of
    its own, as for ``claim``.
    """
    if ids:
        await conn.execute(_RELEASE, {"ids": ids})


def stop_message(milestone_of_run: Milestone) -> StopRun:
    """The broadcast that goes with the milestone of a run that was cancelled or has failed. What
    is at work for a failed one is of use to its retry.
    """
    meta = milestone_of_run.meta
    return StopRun(
        meta=meta.model_copy(update={"message_id": derived_id(meta.run_id, "stop")}),
        finish=isinstance(milestone_of_run, RunFailed),
    )
