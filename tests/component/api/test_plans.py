"""What a page asks for again and again costs no more when others have many projects."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest
from support.asked import asked_of
from support.driving import Driver

MANY = 5_000
_TABLES = ("video_projects", "runs", "tasks")


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


async def copied(conn: asyncpg.Connection, project: str) -> None:
    """``MANY`` projects of 500 users like this one, their runs ended."""
    await conn.execute(
        f"CREATE TEMP TABLE copies AS SELECT n, md5('p' || n)::uuid AS project_id, "
        f"md5('r' || n)::uuid AS run_id, 'u' || n % 500 AS user_id "
        f"FROM generate_series(1, {MANY}) AS n"
    )
    run = await conn.fetchval("SELECT current_run_id FROM video_projects WHERE id = $1", project)
    ids = {"video_projects": "c.project_id", "runs": "c.run_id", "tasks": "gen_random_uuid()"}
    for table in _TABLES:
        changed = {"id": ids[table], "user_id": "c.user_id", "project_id": "c.project_id"}
        changed["run_id"] = changed["current_run_id"] = "c.run_id"
        names = await conn.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = $1"
            " AND table_schema = 'public' AND is_generated = 'NEVER'",
            table,
        )
        columns = [row["column_name"] for row in names]
        values = ", ".join(changed.get(name, f"t.{name}") for name in columns)
        of = {"video_projects": "id", "runs": "id", "tasks": "run_id"}[table]
        one = project if table == "video_projects" else run
        await conn.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM copies c "
            f"JOIN {table} t ON t.{of} = '{one}'"
        )
    await conn.execute("UPDATE runs SET state = 'done', closed_at = now() WHERE user_id <> 'ann'")
    await conn.execute("UPDATE tasks SET state = 'dropped' WHERE user_id <> 'ann'")
    await conn.execute("VACUUM ANALYZE")


@pytest.fixture
async def conn(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    yield conn
    await conn.close()


@pytest.fixture
async def crowded(driver: Driver, conn: asyncpg.Connection) -> str:
    """Ann's project in production, among those of many others."""
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    await copied(conn, project)
    return project


async def test_no_hot_call_reads_a_whole_table(
    driver: Driver, crowded: str, conn: asyncpg.Connection
) -> None:
    other = await driver.with_script()
    read: dict[str, set[str]] = {}
    calls = [
        ("GET", "/unfinished"),
        ("GET", "/projects"),
        ("GET", f"/projects/{crowded}"),
        ("GET", f"/projects/{crowded}/status"),
        ("GET", "/notifications"),
        ("POST", f"/projects/{other}/production"),
        ("POST", "/projects"),
    ]
    for method, path in calls:
        with asked_of(driver.engine) as asked:
            body = {"json": {"topic": "海绵城市"} if path == "/projects" else {}}
            answer = await driver.call(method, path, **(body if method == "POST" else {}))
        assert answer.is_success, answer.text
        assert asked
        if path.endswith("/status"):
            assert any("FROM tasks WHERE" in said for said, _ in asked), "its own reads, too"
        for statement, parameters in asked:
            if not statement.lstrip().upper().startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
                continue
            plan = await conn.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *parameters)
            whole = {
                node["Relation Name"]
                for node in nodes(json.loads(plan)[0]["Plan"])
                if node["Node Type"] == "Seq Scan" and node["Relation Name"] in _TABLES
            }
            read.setdefault(f"{method} {path}", set()).update(whole)

    assert {call: tables for call, tables in read.items() if tables} == {}
    assert len(read) == len(calls)
