"""Folders of jobs: gone with the job, and with the next start when a worker was killed."""

import os
import subprocess
import sys
from pathlib import Path

from media_worker.workspace import sweep, workspace


def test_a_jobs_folder_goes_with_it() -> None:
    with workspace() as folder:
        (folder / "part").write_text("x")

    assert not folder.exists()


def test_what_a_killed_worker_left_is_swept_and_what_a_living_one_has_stays(
    tmp_path: Path,
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, own = (tmp_path / f"reelay-work-{pid}-abc" for pid in (gone.pid, os.getpid()))
    foreign = tmp_path / "reelay-work-mine"
    for folder in (left, own, foreign):
        folder.mkdir()

    assert sweep(tmp_path) == 1

    assert [folder.exists() for folder in (left, own, foreign)] == [False, True, True]
