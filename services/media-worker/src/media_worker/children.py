"""Child processes for heavy work: killed with their group, and dead when their parent is."""

import asyncio
import ctypes
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

_SET_DEATH_SIGNAL: Final = 1


def die_with_parent() -> None:
    """To be called first in a child: when the parent is gone, however it went, so are we."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


@asynccontextmanager
async def child(module: str, job: Any) -> AsyncGenerator[asyncio.subprocess.Process, None]:
    """``python -m module`` in a process group of its own, its job as JSON on stdin; the group is
    gone at the end.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        limit=1 << 26,
    )
    try:
        if process.stdin is not None:
            process.stdin.write(json.dumps(job).encode())
            process.stdin.close()
        yield process
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
