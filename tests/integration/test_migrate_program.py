"""``python -m shared.store.migrate``: from any folder, and on a database of another version."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import asyncpg

import shared
from shared.store.migrate import upgrade_async


async def migrated(database_url: str, **env: str) -> str:
    """What it said; the exit code before it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "shared.store.migrate",
        env={**os.environ, "DATABASE_URL": database_url, **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return f"{process.returncode}: {said.decode()}"


async def test_the_schema_is_upgraded_from_a_folder_of_any_name(
    empty_database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "my C# 100%(here)s?"
    shutil.copytree(Path(shared.__file__).parent, folder / "shared")

    said = await migrated(empty_database_url, PYTHONPATH=str(folder))

    assert said == "0: The schema is up to date.\n"


async def test_a_database_of_a_later_version_is_left_as_it_is_and_told(
    empty_database_url: str,
) -> None:
    await upgrade_async(empty_database_url)
    connection = await asyncpg.connect(empty_database_url)
    try:
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")

        said = await migrated(empty_database_url)

        assert await connection.fetchval("SELECT version_num FROM alembic_version") == "9999"
    finally:
        await connection.close()
    assert said.startswith("1: Not upgraded, nothing was changed: this database was upgraded by a")
    assert "9999" in said
    assert "Traceback" not in said
