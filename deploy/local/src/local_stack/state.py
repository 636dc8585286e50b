"""What a running stack says of itself on disk, for ``make status``, ``down`` and ``demo``."""

import os
from pathlib import Path
from typing import Literal

import psutil
from pydantic import BaseModel, ValidationError

Phase = Literal["starting", "ready", "degraded", "demo", "stopping"]
"""Degraded: something is not ready just now; it is being started again. Demo: a stack that ends
with its demo.
"""


class Row(BaseModel):
    """One process. ``ready`` and ``restarts`` as of the last look, a second ago."""

    name: str
    pid: int | None
    ready: bool
    restarts: int = 0


class StackState(BaseModel):
    """``started`` tells the process from a later one with the same pid. ``grace_s``: what its
    services get for the work in hand; an older stack did not say, and may have given the most.
    ``version``: which sources it runs.
    """

    pid: int
    started: float
    phase: Phase
    grace_s: float = 900
    version: str = ""
    api_url: str = ""
    rows: list[Row] = []

    @property
    def alive(self) -> bool:
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < 1
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


class StateFile:
    """``.reelay/stack.json``: absent when nothing runs."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "stack.json"

    def running(self) -> StackState | None:
        """The stack that runs now; what a killed one left behind counts for nothing."""
        try:
            state = StackState.model_validate_json(self._file.read_text())
        except (FileNotFoundError, ValidationError):
            return None
        return state if state.alive else None

    def write(self, state: StackState) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(".partial")
        partial.write_text(state.model_dump_json())
        partial.replace(self._file)

    def remove(self) -> None:
        self._file.unlink(missing_ok=True)


def own_state(phase: Phase, *, grace_s: float, version: str) -> StackState:
    """Of this very process."""
    started = psutil.Process().create_time()
    return StackState(
        pid=os.getpid(), started=started, phase=phase, grace_s=grace_s, version=version
    )
