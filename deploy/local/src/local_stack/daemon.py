"""The stack in the background: started and awaited by ``make up``, ended by ``make down``."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from local_stack.errors import StackError
from local_stack.local import Local
from local_stack.logs import bound_all
from local_stack.roster import Roster, wait_gone
from local_stack.settings import StackSettings
from local_stack.state import Row, StackState, StateFile, own_state

_LOOK_S: Final = 1.0
_UP_S: Final = 600.0  # a first start may install RabbitMQ
_DOWN_S: Final = 90.0


async def serve(settings: StackSettings) -> None:
    """Runs the stack until SIGTERM or SIGINT; the state file tells how it stands."""
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    local = Local(settings, api_port=settings.api_port)
    file = StateFile(local.folder)
    try:
        starting = asyncio.create_task(_start(local, file))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            await _tell_until(stop, local, file)
        else:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
    finally:
        await local.stop()
        file.remove()


async def _start(local: Local, file: StateFile) -> None:
    file.write(own_state("starting"))
    await local.start(_say)


async def _tell_until(stop: asyncio.Event, local: Local, file: StateFile) -> None:
    while not stop.is_set():
        file.write(await _state(local))
        bound_all(local.folder)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_S):
                await stop.wait()
    file.write(own_state("stopping"))


async def _state(local: Local) -> StackState:
    if local.stack is None:
        return own_state("starting")
    restarts = local.keeper.restarts
    rows = [
        Row(name=one.name, pid=one.pid, ready=one.alive, restarts=restarts[one.name])
        for one in local.servers
    ]
    rows += [
        Row(name=one.name, pid=one.pid, ready=one.ready, restarts=one.restarts)
        for one in await local.stack.standings()
    ]
    state = own_state("ready" if all(row.ready for row in rows) else "degraded")
    return state.model_copy(update={"api_url": local.stack.api_url, "rows": rows})


def up(settings: StackSettings) -> StackState:
    """Starts the stack in the background, or finds it running; returns when it is ready."""
    folder = settings.reelay_dir.absolute()
    file, log = StateFile(folder), folder / "logs" / "stack.log"
    state = file.running()
    if state is None:
        spawned = _spawn(log)
        state = _awaited(lambda: _begun(file, spawned, log), within_s=30)
    pid = state.pid
    return _awaited(lambda: _ready(file, pid, log), within_s=_UP_S)


def down(settings: StackSettings) -> bool:
    """Ends the stack, and what a killed one has left behind; answers whether anything ran."""
    folder = settings.reelay_dir.absolute()
    state = StateFile(folder).running()
    if state is None:
        return Roster(folder / "processes.json").sweep() > 0
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(state.pid)
        process.terminate()
        if wait_gone([process], timeout_s=_DOWN_S + settings.grace_s):
            process.kill()
            Roster(folder / "processes.json").sweep()
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
    if os.waitpid(pid, os.WNOHANG)[0] == pid:
        raise StackError(log.read_text(errors="replace").strip()[-3000:])
    return file.running()


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
