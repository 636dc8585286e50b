"""How the process of a service loads what it is made of: with less in it, and sooner."""

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

_PRINTERS: Final = ("rich", "pygments")


@contextmanager
def lean() -> Generator[None]:
    """For the imports of a process that does nothing else.

    Modules are no garbage: no cycles are searched for meanwhile, nor ever among what was loaded.
    And what prints for people is not there: structlog and httpx take it wherever it is installed
    (the local launcher needs it), 5 MB a process, for tracebacks that show every local variable,
    which ``logs`` forbids, and for a command.
    """
    gc.disable()
    for printer in _PRINTERS:
        sys.modules[printer] = None  # pyright: ignore[reportArgumentType]
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
