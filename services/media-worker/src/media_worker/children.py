"""Child processes for heavy work: killed with their group."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

# What libraries do at their import and none of our children needs: numpy starts threads for large
# matrices (half of its import's CPU), pydantic looks for plugins in all that is installed. Who sets
# these variables for the worker has the say.
_LEAN: Final = {"OPENBLAS_NUM_THREADS": "1", "PYDANTIC_DISABLE_PLUGINS": "1"}


@asynccontextmanager
async def child(module: str, job: Any) -> AsyncGenerator[asyncio.subprocess.Process, None]:
    """``python -m module`` in a process group of its own, its job as a line of JSON on stdin; the
    group is gone at the end.
    """
    process = await spawn(module, stderr=asyncio.subprocess.PIPE)
    try:
        await send(process, job)
        if process.stdin is not None:
            process.stdin.close()
        yield process
    finally:
        await kill(process)


async def spawn(module: str, *arguments: str, stderr: Any = None) -> asyncio.subprocess.Process:
    """``python -m module arguments``, in a process group of its own."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=stderr,
        env={**_LEAN, **os.environ},
        start_new_session=True,
        limit=1 << 26,
    )


async def send(process: asyncio.subprocess.Process, job: Any) -> None:
    """Gives it a line of JSON. Whether it died of that is seen at its stdout."""
    if process.stdin is not None:
        with suppress(ConnectionError):
            process.stdin.write(json.dumps(job).encode() + b"\n")
            await process.stdin.drain()


async def kill(process: asyncio.subprocess.Process) -> None:
    """Kills it with its group, and waits until it is gone."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
