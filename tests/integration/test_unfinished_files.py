"""What a writer to a folder leaves when it is killed, and its removal."""

import asyncio
import sys
from pathlib import Path

from support.collecting import placed
from support.waiting import eventually

WRITE = """
import asyncio, os, sys
from shared.artifacts.places import place, put_stream

async def pieces():
    for _ in range(20):
        yield os.urandom(1 << 20)
    await asyncio.Event().wait()

path = f"blob/{'a' * 64}.mp4"
asyncio.run(put_stream(place("file://" + sys.argv[1]), path, pieces(), "video/mp4"))
"""


async def test_what_a_killed_writer_left_in_a_folder_goes_after_a_day(
    database_url: str, tmp_path: Path
) -> None:
    async with placed(database_url, tmp_path) as place:
        await _killed(place.root)
        [left] = (place.root / "blob").iterdir()
        kept = await place.orphan()

        await place.collect()
        assert left.exists()
        await place.pass_time(1.1)
        await place.collect()

        assert not left.exists()
        assert await place.artifacts.find(kept.key) is not None


async def _killed(folder: Path) -> None:
    """A writer, in the middle of its work."""
    writer = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITE, str(folder))
    await eventually(lambda: [*folder.glob("blob/*#*")])
    writer.kill()
    await writer.wait()
