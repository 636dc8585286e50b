"""What the figures were taken on."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil


def described(*packages: str, **programs: str) -> dict[str, str]:
    """Machine, date, our commit, versions of Python packages, and what programs say of theirs."""
    memory = round(psutil.virtual_memory().total / 2**30)
    found = {
        "measured": f"{datetime.now(UTC):%Y-%m-%d}",
        "on": f"{os.cpu_count()} × {_processor()}, {memory} GB",
        "Linux": platform.release().split("-")[0],
        "Python": platform.python_version(),
        "commit": _commit(),
    }
    found |= {name: version(name) for name in packages}
    return found | {name: _said(program) for name, program in programs.items()}


def _commit() -> str:
    """With a star where something was changed since."""
    git = shutil.which("git") or "git"
    here: dict[str, Any] = {"cwd": Path(__file__).parent, "capture_output": True, "text": True}
    head = subprocess.run([git, "rev-parse", "--short", "HEAD"], check=False, **here)
    changed = subprocess.run([git, "status", "--porcelain", "--", ".."], check=False, **here)
    return head.stdout.strip() + ("*" if changed.stdout.strip() else "")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _said(program: str) -> str:
    done = subprocess.run([program, "--version"], check=False, capture_output=True, text=True)
    return (done.stdout or done.stderr).strip().splitlines()[0]


def cpu_seconds(pid: int) -> float:
    """What a process and its children have used so far, with the children that it saw end."""
    total = 0.0
    for process in _family(pid):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def cpu_of(pids: Iterable[int | None]) -> float:
    """``cpu_seconds`` of several processes."""
    return sum(cpu_seconds(pid) for pid in pids if pid)


def memory_mb(pid: int) -> float:
    """Resident, of a process and its children."""
    total = 0
    for process in _family(pid):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
