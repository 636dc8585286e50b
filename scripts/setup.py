"""Makes ``.venv`` hold exactly what ``requirements/`` says, and does nothing when it already does.

Runs on the machine's own Python with the standard library alone, before anything is installed.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import sysconfig
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import build_page

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".reelay-setup"
VOICES = VENV / ".reelay-voices"
VOICES_MODULE = "media_worker.speech.kokoro.install"
REQUIREMENTS = ROOT / "requirements"
PACKAGES = ("shared", "services/*", "deploy/local")


class SetupError(Exception):
    """What the user has to do, in words."""


def main() -> int:
    with _alone():
        try:
            wanted = _python()
            _page()
        except SetupError as stopped:
            _say(str(stopped))
            return 1
        except subprocess.CalledProcessError as failed:
            _say(
                f"This command failed (exit {failed.returncode}): {' '.join(map(str, failed.cmd))}"
            )
            return 1
        if not _says(VOICES, wanted) and _voices():
            VOICES.write_text(wanted)
    return 0


def _python() -> str:
    """The packages; answers what they are of."""
    wanted = _wanted()
    if not _says(STAMP, wanted):
        STAMP.unlink(missing_ok=True)
        VOICES.unlink(missing_ok=True)
        _install()
        STAMP.write_text(wanted)
    return wanted


def _page() -> None:
    """The web page, built once for its sources. Without it the API works alone, and we say so."""
    if build_page.is_built():
        return
    _say("Building the web page (once; half a minute) ...")
    try:
        build_page.build(VENV)
    except (OSError, subprocess.CalledProcessError) as failed:
        _say(f"No web page yet, the API works without it ({failed}). The next make tries again.")


def _says(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text() == text


def _voices() -> bool:
    """The neural voice's speakers. Without them all else works: espeak-ng speaks, and we say so."""
    done = subprocess.run(
        [str(VENV / "bin" / "python"), "-m", VOICES_MODULE],
        check=False,
        capture_output=True,
        text=True,
        env=_environment(),
    )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        _say(f"No neural voice yet, espeak-ng will speak ({why}) The next make tries again.")
    return done.returncode == 0


@contextmanager
def _alone() -> Generator[None]:
    """One setup at a time in this folder; the lock, on this very file, ends with the process."""
    with Path(__file__).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _packages() -> list[Path]:
    return sorted(file.parent for at in PACKAGES for file in ROOT.glob(f"{at}/pyproject.toml"))


def _wanted() -> str:
    """Changes when an installation could come out differently (a moved folder breaks a venv)."""
    found = hashlib.sha256(f"{ROOT}\n{sys.version}\n{sys.base_prefix}\n".encode())
    parts = [folder / "pyproject.toml" for folder in _packages()]
    for file in [*sorted(REQUIREMENTS.glob("*.txt")), *parts, Path(__file__)]:
        found.update(f"{file}\n".encode())
        found.update(file.read_bytes())
    return found.hexdigest()


def _install() -> None:
    _say(f"Setting up .venv with Python {sys.version.split()[0]} (once; a minute or two) ...")
    if not _fits():
        _make_venv()
    python = VENV / "bin" / "python"
    setup = REQUIREMENTS / "setup.txt"
    _run(python, "-m", "pip", "install", "-qq", "--disable-pip-version-check",
         "--require-hashes", "-r", setup)  # fmt: skip
    install = (VENV / "bin" / "uv", "pip", "install", "--quiet", "--python", python)
    _run(*install, "--require-hashes", "--compile-bytecode", "--no-config",
         "-r", REQUIREMENTS / "dev.txt")  # fmt: skip
    editable = [part for folder in _packages() for part in ("--editable", folder)]
    _run(*install, "--no-deps", "--no-build-isolation", *editable)
    _say("Set up.")


def _fits() -> bool:
    """Whether ``.venv`` is a whole one, of this Python and made in this place."""
    config, pip = VENV / "pyvenv.cfg", VENV / "bin" / "pip"
    if not config.is_file() or not pip.is_file():
        return False
    return (
        f"version = {sys.version.split()[0]}\n" in config.read_text()
        and str(VENV) in pip.read_text()
    )


def _make_venv() -> None:
    command = (sys.executable, "-m", "venv", "--clear", VENV)
    if _quiet(*command):
        return
    version = sysconfig.get_python_version()
    package = f"python{version}-venv"
    _say(f"This Python can't make a venv; installing {package} ...")
    if not (
        _as_root("apt-get", "update", "-qq")
        and _as_root("apt-get", "install", "-y", "-qq", package)
    ):
        raise SetupError(f"Run this once, then again: sudo apt-get install {package}")
    _run(*command)


def _as_root(*command: str) -> bool:
    """Runs a system command if that needs no question; answers whether it did and went well."""
    prefix = () if os.geteuid() == 0 else ("sudo", "-n")
    return _quiet(*prefix, "env", "DEBIAN_FRONTEND=noninteractive", *command)


def _quiet(*command: object) -> bool:
    try:
        done = subprocess.run([str(part) for part in command], check=False, capture_output=True)
    except FileNotFoundError:
        return False
    return done.returncode == 0


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, env=_environment())


def _environment() -> dict[str, str]:
    """Another active venv must not be what is changed."""
    return {
        k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH"}
    }


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
