"""What a child process knows of its parent; imports little, for children start often."""

import ctypes
import os
import signal
import sys
from typing import Final

_SET_DEATH_SIGNAL: Final = 1


def die_with_parent() -> None:
    """To be called first in a child: when the parent is gone, however it went, so are we."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
