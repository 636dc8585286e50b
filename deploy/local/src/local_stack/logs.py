"""Logs that do not grow without end: each has one predecessor, and both a size."""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 10_000_000


def bound_all(folder: Path, *, most: int = MOST_BYTES) -> None:
    """Every log of the stack: of the services, of the stack itself and of its servers (RabbitMQ
    turns its own over by itself).
    """
    for log in folder.glob("*/*.log"):
        bound(log, most=most)


def bound(log: Path, *, most: int = MOST_BYTES) -> bool:
    """Whether it was too large: then its text is in ``<name>.1`` now, and the log is empty.

    Emptied, not renamed: whoever writes holds it open, for appending, and goes on at its new end.
    What is written between the copy and the cut is lost; these are logs of a local stack.
    """
    with suppress(OSError):
        if log.stat().st_size > most:
            shutil.copyfile(log, log.with_name(f"{log.name}.1"))
            with log.open("r+b") as file:
                file.truncate(0)
            return True
    return False
