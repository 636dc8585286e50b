"""The stack in the background: started and awaited by ``make up``, ended by ``make down``."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

import psutil

from local_stack.errors import StackError
from local_stack.local import Local, held
from local_stack.roster import Roster, wait_gone
from local_stack.settings import StackSettings
from local_stack.state import StackState, StateFile
from local_stack.version import refuse_other

_UP_S: Final = 1200.0  # a first start may install RabbitMQ, and a large table be upgraded
_DOWN_S: Final = 90.0
_PASSING: Final = {
    "demo": "A demo runs in this folder: wait until it ends, or end it with `make down`.",
    "stopping": "The stack of this folder is just being stopped: try again in a moment.",
}


async def serve(settings: StackSettings) -> None:
    """Runs the stack until SIGTERM or SIGINT; the state file tells how it stands."""
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    local = Local(settings, api_port=settings.api_port)
    try:
        running = asyncio.create_task(_run(local))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    finally:
        await local.stop()


async def _run(local: Local) -> NoReturn:
    await local.start(_say)
    await local.tell_on()


def up(settings: StackSettings) -> StackState:
    """Starts the stack in the background, or finds it running; returns when it is ready.

    Raises StackError when that takes too long, and for a stack of another version.
    """
    folder = settings.reelay_dir.absolute()
    file, log = StateFile(folder), folder / "logs" / "stack.log"
    state = file.running()
    if state is None:
        spawned = _spawn(log)
        state = _awaited(lambda: _begun(file, spawned, log), within_s=30)
    if state.phase in _PASSING:
        raise StackError(_PASSING[state.phase])
    refuse_other(state)
    pid = state.pid
    return _awaited(lambda: _ready(file, pid, log), within_s=_UP_S)


def down(settings: StackSettings, *, over_s: float = _DOWN_S) -> bool:
    """Ends the stack or demo, and what a killed one has left behind; answers whether anything ran.

    It gets what it was started to give its services, and ``over_s``.
    """
    folder = settings.reelay_dir.absolute()
    state = StateFile(folder).running()
    if state is not None and _ended(state, over_s=over_s):
        return True
    with held(folder / "lock"):
        left = Roster(folder / "processes.json").sweep()
    return state is not None or left > 0


def _ended(state: StackState, *, over_s: float) -> bool:
    """Whether it ended when it was told to, in time; if not, it is killed."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(state.pid)
        if state.phase != "stopping":  # told twice, a demo leaves its services to themselves
            process.terminate()
        if wait_gone([process], timeout_s=state.grace_s + over_s):
            process.kill()
            wait_gone([process], timeout_s=10)
            return False
    return True


def _spawn(log: Path) -> int:
    """The pid of a stack that will outlive us; what it says goes to ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    into_log = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND  # it may be cut: logs.bound
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "local_stack", "serve", "--detach"],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), into_log, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )


def _begun(file: StateFile, pid: int, log: Path) -> StackState | None:
    if (state := file.running()) is not None:
        return state
    if os.waitpid(pid, os.WNOHANG)[0] == pid:
        raise StackError(log.read_text(errors="replace").strip()[-3000:])
    return None


def _ready(file: StateFile, pid: int, log: Path) -> StackState | None:
    state = file.running()
    if state is None or state.pid != pid:
        raise StackError(log.read_text(errors="replace").strip()[-3000:])
    return state if state.phase == "ready" else None


def _awaited(look: Callable[[], StackState | None], *, within_s: float) -> StackState:
    deadline = time.monotonic() + within_s
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise StackError("The stack did not start in time: `make logs`, `make down`.")
        time.sleep(0.05)
    return found


def _say(text: str) -> None:
    sys.stderr.write(f"{text} ...\n")
    sys.stderr.flush()
