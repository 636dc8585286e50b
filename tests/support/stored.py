"""Projects and runs in a real database, as the API would have opened them."""

from uuid import uuid4

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from support.building import a_script

from shared import openings, pipeline
from shared.engines import Engines
from shared.pipeline import Outcome
from shared.state import RunKind
from shared.store import aggregate, tables
from shared.store.dispatch import commit_outcomes


async def count(engine: AsyncEngine, table: Table, *where: ColumnElement[bool]) -> int:
    async with engine.connect() as conn:
        query = select(func.count()).select_from(table).where(*where)
        return (await conn.execute(query)).scalar_one()


async def opened_in(engine: AsyncEngine, kind: RunKind, *, scenes: int = 3) -> Outcome:
    """A new project with a run of ``kind`` just opened, its first commands in the outbox."""
    project_id = uuid4()
    row = {
        "id": project_id,
        "user_id": "ann",
        "title": "海绵城市",
        "source": {"kind": "topic", "text": "海绵城市"},
    }
    if kind is RunKind.PRODUCTION:
        row |= {"script": a_script(scenes).model_dump(mode="json"), "script_version": 1, "take": 1}
    async with engine.begin() as conn:
        await conn.execute(tables.projects.insert().values(row))
        held = (await aggregate.load(conn, await aggregate.lock(conn, [project_id])))[project_id]
        now = await aggregate.now(conn)
        if kind is RunKind.SCRIPT:
            run = openings.open_script(held.project, uuid4(), Engines(), again=True)
        else:
            run = openings.open_production(held.project, uuid4(), Engines())
        outcome = pipeline.advanced(openings.opened(held.project, run), run, now)
        [stored], _ = await commit_outcomes(conn, [(held, outcome)], now=now)
    return stored
