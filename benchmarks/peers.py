"""The peers, installed once in ``.reelay/bench``: Python ones in a venv of their own, Express by
npm, wrk by the system's package manager.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.build_page import npm_of

from benchmarks.servers import FOLDER

HERE = Path(__file__).parent / "peers"
REQUIREMENTS = Path(__file__).parent / "requirements.txt"
VENV = FOLDER / "venv"
EXPRESS = FOLDER / "express"


def python() -> Path:
    """The interpreter that has the Python peers."""
    stamp, wanted = VENV / ".installed", REQUIREMENTS.read_text()
    if not stamp.is_file() or stamp.read_text() != wanted:
        uv = Path(sys.executable).with_name("uv")
        _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV])
        _run([uv, "pip", "sync", "--quiet", "--compile-bytecode", "--require-hashes",
              "--python", VENV / "bin" / "python", REQUIREMENTS])  # fmt: skip
        stamp.write_text(wanted)
    return VENV / "bin" / "python"


def versions(*packages: str) -> dict[str, str]:
    """Of the Python peers."""
    code = "import sys, json; from importlib.metadata import version as of; "
    code += "print(json.dumps({name: of(name) for name in sys.argv[1:]}))"
    said = subprocess.run([python(), "-c", code, *packages], check=True, capture_output=True)
    return json.loads(said.stdout)


def express_versions() -> dict[str, str]:
    locked = json.loads((HERE / "express" / "package-lock.json").read_text())["packages"]
    return {name: locked[f"node_modules/{name}"]["version"] for name in ("express", "sequelize")}


def node() -> str:
    """The user's own where it is new enough, else the one that our setup installs."""
    npm, _ = npm_of(Path(sys.prefix))
    return npm[0] if len(npm) > 1 else "node"


def express() -> Path:
    """A folder with ``node_modules`` and the peer's server."""
    stamp, wanted = EXPRESS / ".installed", (HERE / "express" / "package-lock.json").read_text()
    EXPRESS.mkdir(parents=True, exist_ok=True)
    for file in (HERE / "express").iterdir():
        shutil.copy(file, EXPRESS)
    if not stamp.is_file() or stamp.read_text() != wanted:
        npm, env = npm_of(Path(sys.prefix))
        quiet = ["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        _run([*npm, *quiet], EXPRESS, env)
        stamp.write_text(wanted)
    return EXPRESS


def wrk() -> str:
    """The load generator. Raises RuntimeError with what to do where it can't be installed."""
    if found := shutil.which("wrk"):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "wrk"])
        return "wrk"
    raise RuntimeError("wrk is missing: install it with your package manager (apt install wrk)")


def _run(
    command: list[str | Path], cwd: Path | None = None, env: dict[str, str] | None = None
) -> None:
    subprocess.run(command, check=True, cwd=cwd, env=env, stdout=subprocess.DEVNULL)
