"""One stack in a folder: who may end it, how long it gets, and what is said of it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from local_stack import daemon
from local_stack.errors import StackError
from local_stack.local import held
from local_stack.roster import Roster
from local_stack.settings import StackSettings
from local_stack.state import Phase, StackState, StateFile, own_state
from local_stack.version import version

_ENDS_LATE = """
import signal, sys, time
def late(*_): time.sleep(0.5); sys.exit(0)
signal.signal(signal.SIGTERM, late)
print("up", flush=True)
while True: time.sleep(60)
"""
_ENDS_BY_ITSELF = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print("up", flush=True)
time.sleep(0.5)
"""
Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def settings(tmp_path: Path) -> StackSettings:
    """Of one who knows nothing of what the stack was given."""
    return StackSettings(_env_file=None, reelay_dir=tmp_path, grace_s=0.01)  # pyright: ignore[reportCallIssue]


@pytest.fixture
def started() -> Iterator[Start]:
    """Starts a program that says when it is up."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(code: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def state_of(
    process: subprocess.Popen[bytes], phase: Phase = "ready", *, grace_s: float = 10
) -> StackState:
    began = psutil.Process(process.pid).create_time()
    return StackState(pid=process.pid, started=began, phase=phase, grace_s=grace_s)


def test_down_gives_a_stack_the_grace_that_it_was_started_with(
    settings: StackSettings, tmp_path: Path, started: Start
) -> None:
    stack = started(_ENDS_LATE)
    StateFile(tmp_path).write(state_of(stack, grace_s=10))

    assert daemon.down(settings, over_s=0)

    assert stack.wait() == 0, "it was not killed"


def test_down_kills_a_stack_that_does_not_end_in_time(
    settings: StackSettings, tmp_path: Path, started: Start
) -> None:
    stack = started(_ENDS_LATE)
    StateFile(tmp_path).write(state_of(stack, grace_s=0))

    assert daemon.down(settings, over_s=0)

    assert stack.wait() == -9


def test_a_stack_that_is_stopping_is_not_told_again(
    settings: StackSettings, tmp_path: Path, started: Start
) -> None:
    stack = started(_ENDS_BY_ITSELF)
    StateFile(tmp_path).write(state_of(stack, "stopping"))

    assert daemon.down(settings)

    assert stack.wait() == 0


def test_down_ends_no_process_of_a_folder_that_somebody_holds(
    settings: StackSettings, tmp_path: Path, started: Start
) -> None:
    service = started("print('up', flush=True); import time; time.sleep(600)")
    Roster(tmp_path / "processes.json").add("api", service.pid)

    with held(tmp_path / "lock"), pytest.raises(StackError, match="already runs"):
        daemon.down(settings)

    assert service.poll() is None


async def test_a_second_stack_leaves_the_state_of_the_first_alone(
    settings: StackSettings, tmp_path: Path
) -> None:
    first = own_state("starting", grace_s=300, version="")
    StateFile(tmp_path).write(first)

    with held(tmp_path / "lock"), pytest.raises(StackError, match="already runs"):
        await daemon.serve(settings)

    assert StateFile(tmp_path).running() == first


def test_up_finds_no_stack_in_a_demo(settings: StackSettings, tmp_path: Path) -> None:
    StateFile(tmp_path).write(own_state("demo", grace_s=5, version=""))

    with pytest.raises(StackError, match="A demo runs in this folder"):
        daemon.up(settings)


def test_up_says_that_a_stack_of_another_version_runs(
    settings: StackSettings, tmp_path: Path
) -> None:
    StateFile(tmp_path).write(own_state("ready", grace_s=5, version="an older one"))

    with pytest.raises(StackError, match="started from another version: `make down`"):
        daemon.up(settings)


def test_up_finds_a_stack_of_its_own_version(settings: StackSettings, tmp_path: Path) -> None:
    state = own_state("ready", grace_s=5, version=version())
    StateFile(tmp_path).write(state)

    assert daemon.up(settings) == state
