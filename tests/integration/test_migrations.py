"""The schema: created, upgraded from the older table, or refused without a change."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from support.waiting import eventually

from shared.store import migrations, tables
from shared.store.engine import store_engine
from shared.store.migrate import SchemaError, refusal, upgrade_async

OLDER = Path(migrations.__file__).parent / "older_video_projects.sql"


@pytest.fixture
async def empty(empty_database_url: str):
    engine = store_engine(empty_database_url, pool=2, application="tests")
    yield engine
    await engine.dispose()


async def run(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as conn:
        for statement in ";".join(statements).split(";"):
            if statement.strip():
                await conn.execute(text(statement))


async def columns(engine: AsyncEngine, table: str) -> dict[str, str]:
    query = text(
        "SELECT column_name, data_type || coalesce('(' || character_maximum_length || ')', '') "
        "FROM information_schema.columns WHERE table_schema || '.' || table_name = :table"
    )
    async with engine.connect() as conn:
        return dict(list(await conn.execute(query, {"table": table})))


@pytest.mark.req("R8")
async def test_an_older_table_is_upgraded_with_all_its_rows(
    empty: AsyncEngine, empty_database_url: str
) -> None:
    await run(empty, OLDER.read_text())
    ids = {name: uuid4() for name in ("draft", "running", "failed", "editing", "done")}
    async with empty.begin() as conn:
        for name, status in (
            ("draft", "DRAFT"),
            ("running", "GENERATING_SCRIPT"),
            ("failed", "FAILED"),
            ("editing", "EDITING"),
            ("done", "COMPLETED"),
        ):
            await conn.execute(
                text(
                    "INSERT INTO video_projects (id, user_id, title, topic, status, video_url) "
                    "VALUES (:id, 'ann', :title, '海绵城市', :status, 'https://example.org/v.mp4')"
                ),
                {"id": ids[name], "title": name, "status": status},
            )

    await upgrade_async(empty_database_url)

    async with empty.connect() as conn:
        rows = {
            r["title"]: r
            for r in (await conn.execute(text("SELECT * FROM video_projects"))).mappings()
        }
    assert {name: row["id"] for name, row in rows.items()} == ids
    assert rows["draft"]["source"] == {"kind": "topic", "text": "海绵城市"}
    assert (rows["draft"]["status"], rows["draft"]["progress"]) == ("DRAFT", 0)
    for name in ("running", "failed"):
        assert (rows[name]["status"], rows[name]["error"]["code"]) == ("FAILED", "interrupted")
    assert rows["editing"]["status"] == "DRAFT", "there is nothing of ours to edit"
    assert (rows["done"]["progress"], rows["done"]["notified"]) == (100, True)
    assert rows["done"]["video_url"] == "https://example.org/v.mp4"


@pytest.mark.req("R8")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param("ALTER TABLE video_projects ADD COLUMN surprise int", id="another column"),
        pytest.param("ALTER TABLE video_projects DROP COLUMN topic", id="a column missing"),
        pytest.param("ALTER TABLE video_projects ALTER COLUMN title TYPE text", id="another type"),
        pytest.param(
            "INSERT INTO video_projects (id, user_id, title, status) "
            "VALUES (gen_random_uuid(), 'a', 'b', 'ODD')",
            id="an unknown status",
        ),
        pytest.param(
            "ALTER TABLE video_projects ALTER user_id DROP NOT NULL; INSERT INTO video_projects "
            "(id, title, status) VALUES (gen_random_uuid(), 'b', 'DRAFT')",
            id="a row of nobody",
        ),
    ],
)
async def test_any_other_shape_is_refused_with_an_explanation_and_no_change(
    empty: AsyncEngine, empty_database_url: str, change: str
) -> None:
    await run(empty, OLDER.read_text(), change)
    before = await columns(empty, "public.video_projects")

    with pytest.raises(SchemaError, match="video_projects"):
        await upgrade_async(empty_database_url)

    assert await columns(empty, "public.video_projects") == before
    assert await columns(empty, "public.runs") == {}


async def test_several_processes_may_upgrade_at_once(
    empty: AsyncEngine, empty_database_url: str
) -> None:
    await asyncio.gather(*(upgrade_async(empty_database_url) for _ in range(4)))

    assert "progress" in await columns(empty, "public.video_projects")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        pytest.param("CREATE TABLE runs (id int)", "runs", id="a table of the same name"),
        pytest.param("CREATE SCHEMA notifier", "notifier", id="a schema of the same name"),
    ],
)
async def test_what_stands_in_the_way_is_told_without_a_traceback(
    empty: AsyncEngine, empty_database_url: str, statement: str, words: str
) -> None:
    await run(empty, statement)

    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "shared.store.migrate",
        env={**os.environ, "DATABASE_URL": empty_database_url},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()

    assert process.returncode == 1
    assert said.decode().startswith("Not upgraded, nothing was changed.")
    assert words in said.decode()
    assert "Traceback" not in said.decode()
    assert await columns(empty, "public.video_projects") == {}


async def test_upgrading_again_changes_nothing(empty: AsyncEngine, empty_database_url: str) -> None:
    await upgrade_async(empty_database_url)
    before = await columns(empty, "public.video_projects")

    await upgrade_async(empty_database_url)

    assert await columns(empty, "public.video_projects") == before


@pytest.mark.req("R7")
async def test_the_columns_and_indexes_of_the_requirements_are_there(
    empty: AsyncEngine, empty_database_url: str
) -> None:
    await upgrade_async(empty_database_url)

    found = await columns(empty, "public.video_projects")
    async with empty.connect() as conn:
        query = text("SELECT indexdef FROM pg_indexes WHERE tablename = 'video_projects'")
        indexes = " ".join((await conn.execute(query)).scalars())
    assert found["progress"] == "integer"
    assert found["progress_message"] == "character varying(500)"
    assert found["completed_at"] == "timestamp with time zone"
    assert found["notified"] == "boolean"
    assert "(status)" in indexes
    assert "(user_id, status)" in indexes


async def test_the_tables_in_the_code_are_those_of_the_migrations(
    empty: AsyncEngine, empty_database_url: str
) -> None:
    await upgrade_async(empty_database_url)

    for table in tables.metadata.tables.values():
        found = await columns(empty, f"{table.schema or 'public'}.{table.name}")
        assert set(found) == set(table.columns.keys()), table.name


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE video_projects SET progress = 101", "progress_range"),
        ("UPDATE video_projects SET status = 'ODD'", "status_known"),
        ("UPDATE video_projects SET status = 'FAILED'", "failure_explained"),
    ],
)
async def test_what_must_never_be_stored_is_refused_by_the_database(
    empty: AsyncEngine, empty_database_url: str, statement: str, rule: str
) -> None:
    await upgrade_async(empty_database_url)
    await run(
        empty,
        """INSERT INTO video_projects (id, user_id, title, source) VALUES (gen_random_uuid(), 'a',
        'b', '{"kind": "topic"}')""",
    )

    with pytest.raises(Exception, match=rule):
        await run(empty, statement)


class Hasty(asyncio.SelectorEventLoop):
    """Its timers of 20 s ring after a fifth of a second."""

    def call_later(self, delay: float, *callback: Any, **more: Any) -> asyncio.TimerHandle:
        return super().call_later(delay / 100, *callback, **more)


async def test_an_upgrade_may_take_longer_than_any_other_statement(
    empty: AsyncEngine, empty_database_url: str
) -> None:
    await run(empty, OLDER.read_text())

    def upgraded() -> None:
        with asyncio.Runner(loop_factory=Hasty) as runner:
            runner.run(upgrade_async(empty_database_url))

    async def waited() -> bool:
        query = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '0.5 s'"
        )
        async with empty.connect() as conn:
            return bool((await conn.execute(query)).scalar())

    async with empty.begin() as conn:
        await conn.execute(text("LOCK TABLE video_projects"))
        upgrading = asyncio.create_task(asyncio.to_thread(upgraded))
        await eventually(lambda: upgrading.done() or waited())
    await upgrading

    assert "progress" in await columns(empty, "public.video_projects")


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        pytest.param("wait_s", "lock timeout. Another upgrade or transaction", id="a lock"),
        pytest.param("statement_s", "statement timeout. A statement may take", id="a statement"),
    ],
)
async def test_a_limit_that_ends_an_upgrade_is_told(
    empty: AsyncEngine, empty_database_url: str, limit: str, words: str
) -> None:
    await run(empty, OLDER.read_text())

    async with empty.begin() as conn:
        await conn.execute(text("LOCK TABLE video_projects"))
        with pytest.raises(DBAPIError) as refused:
            await upgrade_async(empty_database_url, **{limit: 0.2})

    assert words in refusal(refused.value)
