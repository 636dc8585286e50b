"""What the chores do in a folder that was set up, and in one that was not."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def made(folder: Path, chore: str) -> subprocess.CompletedProcess[str]:
    """In a folder without ``scripts``: whatever wants a set-up fails. What was said to a make that
    runs these tests is not for this one.
    """
    shutil.copy(ROOT / "Makefile", folder)
    command = ["make", "--no-print-directory", chore]
    env = {"PATH": os.environ["PATH"]}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("chore", ["down", "status", "logs"])
def test_a_stack_is_seen_and_stopped_without_a_set_up(tmp_path: Path, chore: str) -> None:
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "reelay"):
        (programs / name).write_text('#!/bin/sh\necho "$@"\n')
        (programs / name).chmod(0o755)

    done = made(tmp_path, chore)

    assert done.stdout.strip() == f"-m local_stack {chore}", done.stderr
    assert made(tmp_path, "up").returncode != 0, "what starts something is set up first"


def test_before_the_first_set_up_it_is_made(tmp_path: Path) -> None:
    done = made(tmp_path, "status")

    assert done.returncode != 0
    assert "scripts/python.sh" in done.stderr
