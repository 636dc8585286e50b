"""Which processes a stack has started, on disk: one that was killed leaves leftovers to end."""

import json
import os
import time
from contextlib import suppress
from pathlib import Path

import psutil


class Roster:
    """Pids with their start times, since a pid alone may belong to somebody else by now."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, name: str, pid: int) -> None:
        """A process that a full disk keeps from being listed runs all the same."""
        with suppress(psutil.NoSuchProcess, OSError):
            started = psutil.Process(pid).create_time()
            self._write({**self._read(), name: {"pid": pid, "started": started}})

    def leftovers(self) -> list[psutil.Process]:
        """The listed processes that still run."""
        found: list[psutil.Process] = []
        for entry in self._read().values():
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(int(entry["pid"]))
                if abs(process.create_time() - entry["started"]) < 1 and runs(process):
                    found.append(process)
        return found

    def sweep(self, *, grace_s: float = 5) -> int:
        """Ends every leftover and its children; answers how many were listed and alive.

        They were told to end when their stack died: only those that take too long are killed.
        """
        left = self.leftovers()
        stubborn = wait_gone(left, timeout_s=grace_s)
        family = [child for process in stubborn for child in _children(process)]
        for process in [*stubborn, *family]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        wait_gone([*stubborn, *family], timeout_s=10)
        self.forget()
        return len(left)

    def forget(self) -> None:
        """All were ended in order."""
        self._file.unlink(missing_ok=True)

    def _read(self) -> dict[str, dict[str, float]]:
        try:
            return json.loads(self._file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}

    def _write(self, entries: dict[str, dict[str, float]]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(entries))
        partial.replace(self._file)


def runs(process: psutil.Process) -> bool:
    """False for a dead one too that nobody has buried yet: some containers never do."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_gone(processes: list[psutil.Process], *, timeout_s: float) -> list[psutil.Process]:
    """Waits for their ends; answers those that still run."""
    deadline = time.monotonic() + timeout_s
    while (left := [process for process in processes if runs(process)]) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.02)
    return left


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
