"""Named moments at which a test lets this process die, once: no-ops unless ``FAIL_POINT`` names
one.

``FAIL_POINT=<name>=<file>``: on reaching ``name`` the process writes ``file`` and kills itself with
SIGKILL; when the file is there already, it goes on. So the test sees that the moment was hit, and
the restarted process survives it.
"""

import os
import signal
from pathlib import Path


def reached(name: str) -> None:
    """Dies here if this is the point that the environment names and it was not hit before."""
    point, _, mark = os.environ.get("FAIL_POINT", "").partition("=")
    if point != name or not mark or Path(mark).exists():
        return
    with Path(mark).open("w") as file:
        file.write(f"{name} {os.getpid()}\n")
        file.flush()
        os.fsync(file.fileno())
    os.kill(os.getpid(), signal.SIGKILL)
