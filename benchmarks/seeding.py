"""Projects by the thousand: one of each kind made by the product's own code, then copied in SQL."""

from uuid import UUID, uuid4

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from shared import openings, pipeline
from shared.engines import Engines
from shared.messages.script import Scene, Script
from shared.store import aggregate, tables
from shared.store.dispatch import commit_outcomes
from shared.store.engine import store_engine

SCENES = 6


async def fill(url: str, *, projects: int, users: int, producing_every: int = 2) -> None:
    """As many projects, spread evenly over users ``u0`` … : every other one (or every nth) in the
    middle of a production (13 tasks), the others with a finished video.
    """
    engine = store_engine(url, pool=2, application="bench")
    pattern = await producing(engine, "pattern")
    await engine.dispose()
    conn = await asyncpg.connect(url)
    try:
        await _spread_states(conn)
        await conn.execute(_COPIES.format(projects=projects, users=users))
        for table in ("video_projects", "runs", "tasks"):
            await _copy(conn, table, pattern, producing_every)
        await conn.execute(_FINISHED.format(every=producing_every))
        await _learned(conn)
        await conn.execute("DELETE FROM outbox")
        await conn.execute("VACUUM ANALYZE")
    finally:
        await conn.close()


async def producing(engine: AsyncEngine, user: str, *, scenes: int = SCENES) -> UUID:
    """A project whose production has just been opened."""
    project_id = uuid4()
    script = Script(
        title="海绵城市",
        scenes=tuple(
            Scene(id=uuid4(), narration=f"第{n + 1}段，讲一件事情。", heading=f"第{n + 1}段")
            for n in range(scenes)
        ),
    )
    row = {
        "id": project_id,
        "user_id": user,
        "title": script.title,
        "source": {"kind": "article", "text": "城市里的雨水管理正在发生变化。" * 40},
        "script": script.model_dump(mode="json"),
        "script_version": 1,
        "take": 1,
    }
    async with engine.begin() as conn:
        await conn.execute(tables.projects.insert().values(row))
        held = (await aggregate.load(conn, await aggregate.lock(conn, [project_id])))[project_id]
        run = openings.open_production(held.project, uuid4(), Engines())
        now = await aggregate.now(conn)
        outcome = pipeline.advanced(openings.opened(held.project, run), run, now)
        await commit_outcomes(conn, [(held, outcome)], now=now)
    return project_id


async def _spread_states(conn: asyncpg.Connection) -> None:
    """Three scenes spoken, two drawn, one of each under way."""
    await conn.execute(_DONE)
    await conn.execute(_RUNNING)
    await conn.execute("UPDATE runs SET percent = 42; UPDATE video_projects SET progress = 42")


_KEY = "stage || '/' || encode(sha256(id::text::bytea), 'hex')"
_DONE = f"""
    UPDATE tasks SET state = 'done', percent = 100, dispatch = 1, started_at = now(),
        finished_at = now(), spec_hash = coalesce(spec_hash, {_KEY}),
        manifest = jsonb_build_object('key', {_KEY}, 'engine', 'bench', 'blobs', '{{}}'::jsonb,
            'made_at', now(), 'work_ms', 900)
    WHERE (stage = 'voice' AND position < 3) OR (stage = 'clip' AND position < 2)
"""
# Seen in an hour: as of work that gives signs of life all the while.
_RUNNING = f"""
    UPDATE tasks SET state = 'running', percent = 40, dispatch = 1, started_at = now(),
        last_seen_at = now() + interval '1 hour', spec_hash = coalesce(spec_hash, {_KEY})
    WHERE (stage = 'voice' AND position = 3) OR (stage = 'clip' AND position = 2)
"""
_COPIES = """
    CREATE TABLE bench_copies AS
    SELECT n, md5('project' || n)::uuid AS project_id, md5('run' || n)::uuid AS run_id,
           'u' || (n % {users}) AS user_id
    FROM generate_series(1, {projects}) AS n
"""


async def _copy(conn: asyncpg.Connection, table: str, pattern: UUID, every: int) -> None:
    changed = {
        "video_projects": {
            "id": "c.project_id", "user_id": "c.user_id", "current_run_id": "c.run_id",
            "touched_at": "now() - make_interval(secs => c.n)",
        },
        "runs": {"id": "c.run_id", "project_id": "c.project_id", "user_id": "c.user_id"},
        "tasks": {
            "id": "md5(t.id::text || c.n)::uuid", "run_id": "c.run_id",
            "project_id": "c.project_id", "user_id": "c.user_id",
        },
    }[table]  # fmt: skip
    columns = [
        row["column_name"]
        for row in await conn.fetch(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position",
            table,
        )
    ]
    values = ", ".join(changed.get(name, f"t.{name}") for name in columns)
    key = "id" if table == "video_projects" else "project_id"
    only = "" if table == "video_projects" else f" WHERE c.n % {every} = 0"
    await conn.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} "
        f"FROM bench_copies c JOIN {table} t ON t.{key} = '{pattern}'{only} ORDER BY c.n"
    )


async def _learned(conn: asyncpg.Connection) -> None:
    """As much as estimates look at: what each stage took for tasks of several sizes."""
    engines = Engines()
    makers = {"voice": engines.voice, "clip": engines.renderer, "assembly": engines.renderer}
    for stage, engine in makers.items():
        await conn.execute(
            "INSERT INTO stage_timings (stage, engine, weight, work_ms) "
            "SELECT $1, $2, 1 + n % 9, 500 + 700 * (n % 9) FROM generate_series(1, 300) AS n",
            stage,
            engine,
        )


_FINISHED = """
    UPDATE video_projects p SET current_run_id = NULL, status = 'EDITING', progress = 100,
        completed_at = now(), video_version = 1,
        video = jsonb_build_object('key', 'video/' || repeat('0', 64), 'engine', 'bench',
            'blobs', '{{}}'::jsonb, 'made_at', now())
    FROM bench_copies c WHERE c.project_id = p.id AND c.n % {every} <> 0
"""
