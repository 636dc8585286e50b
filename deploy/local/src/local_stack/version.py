"""Which sources a stack was started from: one of others must be stopped before ours can run."""

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from local_stack.errors import StackError
from local_stack.stack import MODULES
from local_stack.state import StackState

_PACKAGES: Final = ("shared", "local_stack", *MODULES.values())


@cache
def version() -> str:
    """A hash over our packages' Python files as they were when it was first asked for."""
    found = hashlib.sha256()
    for package in _PACKAGES:
        spec = find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            for file in sorted(Path(folder).rglob("*.py")):
                found.update(f"{package} {file.relative_to(folder)}\n".encode())
                found.update(file.read_bytes())
    return found.hexdigest()[:16]


def refuse_other(state: StackState) -> None:
    """Raises StackError for a stack that runs other sources than these."""
    if state.version != version():
        raise StackError(
            "The stack that runs here was started from another version: `make down`, then "
            "`make up`. Nothing is lost."
        )
