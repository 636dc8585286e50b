"""How the process of a service begins: before anything large is loaded."""

import gc
import sys
from importlib import import_module
from types import ModuleType
from typing import Final, NoReturn

_PRINTERS: Final = ("rich", "pygments")


def launch(name: str, module: str) -> NoReturn:
    """Runs the ``main`` of ``module`` as the service ``name``; see ``service.run``."""
    main = loaded(module).main
    from shared.runtime import service  # noqa: PLC0415  (it loads structlog)

    service.run(name, main)


def loaded(module: str) -> ModuleType:
    """Imports what is the only work of its process, with less in it and sooner.

    What modules are made of is no garbage, so no cycles are searched for meanwhile. And what
    prints for people is not there: structlog and httpx take it wherever it is installed (the local
    launcher needs it), 5 MB a process, for tracebacks that show every local variable, which
    ``logs`` forbids, and for a command.
    """
    gc.disable()
    for printer in _PRINTERS:
        sys.modules[printer] = None  # pyright: ignore[reportArgumentType]
    try:
        return import_module(module)
    finally:
        gc.enable()
