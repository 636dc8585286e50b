"""``python -m shared.store.migrate``: from any folder."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import shared


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
