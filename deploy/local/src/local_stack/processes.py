"""One process of the operating system: started in its own group, stopped gently, gone with its
parent.
"""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from local_stack.roster import Roster, runs

_SET_DEATH_SIGNAL: Final = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_EVERY_S: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run and how. Each start appends to ``log``; without ``env`` it gets ours."""

    name: str
    command: Sequence[str | Path]
    log: Path
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM


class Process:
    """A program that can be started again and again.

    Not tied to an event loop (waiting is polling), so it may outlive the loop that started it.
    When the thread that started it ends, however it ends, the kernel sends ``stop_signal``.
    """

    def __init__(self, program: Program, roster: Roster | None = None) -> None:
        """``roster`` is told of every start, for whoever finds leftovers later."""
        self.program = program
        self._roster = roster
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """None before the first start; afterwards that of the last one, dead or alive."""
        return self._popen.pid if self._popen else None

    @property
    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._popen.poll() if self._popen else None

    def start(self) -> int:
        """Answers the pid. Raises OSError when the program can't be run."""
        program = self.program
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with program.log.open("ab") as log:
            self._popen = subprocess.Popen(
                [str(part) for part in program.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(os.environ if program.env is None else program.env),
                cwd=program.cwd,
                process_group=0,
                preexec_fn=_dies_with_parent(program.stop_signal),  # noqa: PLW1509  (one prctl call)
            )
        if self._roster is not None:
            self._roster.add(program.name, self._popen.pid)
        return self._popen.pid

    def send(self, sign: signal.Signals) -> None:
        """To this process alone; nothing happens when it is gone."""
        if self._popen is not None:
            self._popen.send_signal(sign)

    async def stop(self, *, grace_s: float) -> None:
        """Asks it to end, waits for ``grace_s``, then kills it; returns when its children are gone
        as well.
        """
        family = family_of(self._popen.pid) if self._popen is not None and self.alive else []
        self.send(self.program.stop_signal)
        if not await until(lambda: not self.alive, within_s=grace_s):
            await self.kill()
        self._kill_group()
        await _ended(family, within_s=2)

    async def kill(self) -> None:
        """As ``kill -9``; returns when it and the children that it had are gone."""
        if self._popen is None:
            return
        family = family_of(self._popen.pid) if self.alive else []
        self._kill_group()
        self._popen.kill()
        await until(lambda: not self.alive, within_s=10)
        await _ended(family, within_s=0)

    def _kill_group(self) -> None:
        if self._popen is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)


async def run(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    within_s: float = 120,
) -> int:
    """Runs a program to its end; answers the exit code. One that takes too long is killed."""
    process = Process(Program(name="run", command=command, log=log, env=env))
    process.start()
    try:
        await until(lambda: not process.alive, within_s=within_s)
    finally:
        await process.kill()
    return process.exit_code or 0


async def until(condition: Callable[[], bool], *, within_s: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_EVERY_S)
    return True


def family_of(pid: int) -> list[psutil.Process]:
    """The process's descendants as they are now."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


async def _ended(family: list[psutil.Process], *, within_s: float) -> None:
    """Children may end by themselves for a while; those that don't are killed."""
    if await until(lambda: not any(runs(member) for member in family), within_s=within_s):
        return
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    await until(lambda: not any(runs(member) for member in family), within_s=10)


def _dies_with_parent(sign: signal.Signals) -> Callable[[], None] | None:
    if _LIBC is None:
        return None
    prctl = _LIBC.prctl  # looked up here: the child must do as little as possible

    def ask_kernel() -> None:
        prctl(_SET_DEATH_SIGNAL, int(sign))

    return ask_kernel
