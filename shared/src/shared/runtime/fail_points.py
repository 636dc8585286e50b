"""Named moments at which a test hits this process: no-ops unless ``FAIL_POINT`` is set.

``FAIL_POINT=<name>=<file>``: on reaching ``name`` the process writes ``file`` and kills itself with
SIGKILL; when the file is there already, it goes on. So the test sees that the moment was hit, and
the restarted process survives it.

``FAIL_POINT=<folder>``: a file ``<name>`` or ``<name>@<what>`` in it, put there at any time, arms
that moment for one hit. It holds the signal's name; the process that gets there first renames it
to ``….hit``, with its own pid in it, and sends itself the signal.
"""

import os
import signal
from pathlib import Path


def reached(name: str, what: str = "") -> None:
    """Is hit here if the environment names this point and nobody was hit before. ``what`` tells
    moments of one name apart (a stage).
    """
    asked = os.environ.get("FAIL_POINT", "")
    if not asked:
        return
    point, _, mark = asked.partition("=")
    if not mark:
        _disarm(Path(asked), [f"{name}@{what}", name])
    elif point == name and not Path(mark).exists():
        _write(Path(mark), f"{name} {os.getpid()}\n")
        os.kill(os.getpid(), signal.SIGKILL)


def _disarm(folder: Path, points: list[str]) -> None:
    for point in points:
        taken = folder / f".{point}.{os.getpid()}"
        try:
            (folder / point).rename(taken)
        except OSError:
            continue
        sign = signal.Signals[taken.read_text().strip()]
        _write(taken, f"{os.getpid()}")
        taken.rename(folder / f"{point}.hit")
        os.kill(os.getpid(), sign)
        return


def _write(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
