"""What is written most often costs the database least."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from support.building import progressed, started, task_of
from support.stored import opened_in

from projector import batch
from shared.state import RunKind
from shared.store.engine import autocommit, store_engine

_IN_PLACE = text("""
    SELECT relname, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables
    WHERE relname IN ('video_projects', 'runs', 'tasks')
""")


@pytest.fixture
async def ours(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Of one connection, whose statistics are told at its next statement's end if asked so."""
    engine = store_engine(database_url, pool=1, application="tests")
    yield engine
    await engine.dispose()


async def updates(ours: AsyncEngine) -> dict[str, tuple[int, int]]:
    async with autocommit(ours) as conn:
        await conn.execute(text("SELECT pg_stat_force_next_flush()"))
        rows = await conn.execute(_IN_PLACE)
        return {row.relname: (row.n_tup_upd, row.n_tup_hot_upd) for row in rows}


async def test_progress_is_written_into_its_rows_page_and_touches_no_index(
    ours: AsyncEngine,
) -> None:
    """In pages that are full of others, as they are where work is going on."""
    now = await opened_in(ours, RunKind.PRODUCTION)
    voice = task_of(now.run, "voice")
    await batch.apply(ours, [started(now.project, now.run, voice, seq=1)])
    for _ in range(20):
        await opened_in(ours, RunKind.PRODUCTION)
    before = await updates(ours)

    for seq in range(2, 6):
        await batch.apply(ours, [progressed(now.project, now.run, voice, 15 * seq, seq=seq)])

    after = await updates(ours)
    assert len(after) == 3
    for table, (updated, in_place) in after.items():
        assert updated > before[table][0], table
        assert in_place - before[table][1] == updated - before[table][0], table
