"""Processes that a worker or the API starts end with it, however it goes."""

import asyncio
import os
import sys
from pathlib import Path

import psutil
import pytest
from support.waiting import eventually

DECODE = """
import asyncio
from shared.foreign.decoding import decoded
asyncio.run(decoded("picture", "PNG", Path(sys.argv[1]), Path(sys.argv[1] + ".made")))
"""
MEASURE = """
from media_worker.render import sound
sound.measured(Path(sys.argv[1]))
"""


@pytest.mark.parametrize(
    "work", [pytest.param(DECODE, id="a decoder"), pytest.param(MEASURE, id="ffmpeg")]
)
async def test_what_was_started_dies_with_a_killed_process(tmp_path: Path, work: str) -> None:
    source = tmp_path / "source"
    os.mkfifo(source)  # nothing ever comes out of it, so the work does not end
    program = f"import sys\nfrom pathlib import Path\n{work}"
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(source))
    child = await eventually(lambda: _reading(parent.pid))

    parent.kill()
    await parent.wait()

    await eventually(lambda: not _lives(child), within=2)


def _reading(parent: int) -> psutil.Process | None:
    """The child, once it waits for what the source gives."""
    for child in psutil.Process(parent).children():
        try:
            if child.status() == psutil.STATUS_SLEEPING and "source" in " ".join(child.cmdline()):
                return child
        except psutil.NoSuchProcess:
            continue
    return None


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
