"""What glibc is told about memory (mallopt(3)); other C libraries take nothing of it."""

import ctypes
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

_MALLOPT: Final = getattr(ctypes.CDLL(None), "mallopt", None)
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_PERTURB: Final = -6  # its value's complement is what fills
_MB: Final = 1 << 20


def keep() -> None:
    """Memory that is given up stays in the process, for the next frame: else the system takes and
    clears it for each again.
    """
    if _MALLOPT is not None:
        _MALLOPT(_M_TRIM_THRESHOLD, 128 * _MB)
        _MALLOPT(_M_MMAP_THRESHOLD, 32 * _MB)  # the greatest that it takes


@contextmanager
def filled() -> Generator[None]:
    """Meanwhile what is given out, but for small pieces, is filled with zeros: code that reads
    memory before it writes it reads the same each time. With another C library it may not.
    """
    if _MALLOPT is None:
        yield
        return
    _MALLOPT(_M_PERTURB, 0xFF)
    try:
        yield
    finally:
        _MALLOPT(_M_PERTURB, 0)
