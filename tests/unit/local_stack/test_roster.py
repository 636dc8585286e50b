"""Leftovers of a stack that was killed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_stack.roster import Roster


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        process.kill()


def test_leftovers_are_ended(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    roster = Roster(tmp_path / "processes.json")
    roster.add("api", sleeper.pid)

    assert roster.sweep(grace_s=0) == 1

    assert sleeper.poll() is not None
    assert roster.sweep() == 0


def test_a_pid_that_belongs_to_another_process_by_now_is_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    file = tmp_path / "processes.json"
    file.write_text(json.dumps({"api": {"pid": sleeper.pid, "started": 1.0}}))

    assert Roster(file).sweep(grace_s=0) == 0

    assert sleeper.poll() is None


def test_a_process_runs_though_it_can_not_be_listed(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    (tmp_path / f"processes.{os.getpid()}").mkdir()  # stands where the list is written
    roster = Roster(tmp_path / "processes.json")

    roster.add("api", sleeper.pid)

    assert roster.leftovers() == []
    assert sleeper.poll() is None


def test_a_broken_file_counts_as_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "processes.json").write_text("{")

    assert Roster(tmp_path / "processes.json").sweep() == 0
