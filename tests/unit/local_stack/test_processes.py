"""Processes that end when they are told to, and when whoever started them ends."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
from support.waiting import eventually

from local_stack.processes import Process, Program, run

_FOREVER = "import time\nwhile True: time.sleep(60)"
_DEAF = f"""
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
{_FOREVER}
"""
_PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
{_FOREVER}
"""
_STARTER = f"""
import sys
from pathlib import Path
from local_stack.processes import Process, Program
command = [sys.executable, "-c", "import time; time.sleep(600)"]
child = Process(Program(name="child", command=command, log=Path(sys.argv[1])))
print(child.start(), flush=True)
{_FOREVER}
"""


def python(tmp_path: Path, code: str) -> Process:
    log = tmp_path / "log"
    return Process(Program(name="test", command=[sys.executable, "-c", code], log=log))


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_a_process_ends_when_asked(tmp_path: Path) -> None:
    process = python(tmp_path, _FOREVER)
    process.start()

    await process.stop(grace_s=10)

    assert process.exit_code == -signal.SIGTERM


async def test_one_that_does_not_listen_is_killed_after_its_grace(tmp_path: Path) -> None:
    process = python(tmp_path, _DEAF)
    process.start()
    await eventually(lambda: "deaf" in (tmp_path / "log").read_text())

    await process.stop(grace_s=0.1)

    assert process.exit_code == -signal.SIGKILL


async def test_a_kill_takes_the_children_along(tmp_path: Path) -> None:
    process = python(tmp_path, _PARENT)
    process.start()
    child = int(await eventually(lambda: (tmp_path / "log").read_text().strip()))

    await process.kill()

    assert not process.alive
    assert gone(child)


async def test_a_process_can_be_started_again_with_the_same_log(tmp_path: Path) -> None:
    process = python(tmp_path, "print('ran')")
    for _ in range(2):
        process.start()
        await eventually(lambda: not process.alive)

    assert (tmp_path / "log").read_text().split() == ["ran", "ran"]


async def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _STARTER, str(tmp_path / "child")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:  # noqa: ASYNC220
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not gone(child)

        parent.kill()

    await eventually(lambda: gone(child))


async def test_a_command_tells_how_it_ended(tmp_path: Path) -> None:
    assert await run([sys.executable, "-c", "raise SystemExit(7)"], log=tmp_path / "log") == 7


async def test_a_command_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    code = await run([sys.executable, "-c", _FOREVER], log=tmp_path / "log", within_s=0.2)

    assert code == -signal.SIGKILL
