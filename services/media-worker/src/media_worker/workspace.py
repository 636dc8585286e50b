"""Folders that jobs work in: each goes with its job, and those of a killed worker with the next
start.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"reelay-work-(\d+)-\w+")


@contextmanager
def workspace() -> Generator[Path]:
    """An empty folder; its name says whose it is."""
    with tempfile.TemporaryDirectory(prefix=f"reelay-work-{os.getpid()}-") as folder:
        yield Path(folder)


def sweep(place: Path | None = None) -> int:
    """Removes what processes that are gone have left behind; answers how many folders."""
    found = 0
    for folder in (place or Path(tempfile.gettempdir())).glob("reelay-work-*"):
        owner = _NAME.fullmatch(folder.name)
        if owner and not _lives(int(owner[1])):
            shutil.rmtree(folder, ignore_errors=True)
            found += 1
    return found


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
