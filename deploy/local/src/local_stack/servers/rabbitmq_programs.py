"""Where RabbitMQ's programs are; what can be done without a question when they are not there."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_stack.errors import ServerMissingError

_ADVICE: Final = (
    "RabbitMQ is not on this machine and could not be installed without a question. Run\n"
    "  sudo apt-get update && sudo apt-get install -y --no-install-recommends rabbitmq-server\n"
    "once (macOS: brew install rabbitmq), or set RABBITMQ_URL to a server that you have."
)
_LIBRARIES: Final = ("libsctp1", "libtinfo6", "libncurses6")


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """``server``: RabbitMQ's inner start script, which takes any user; ``erlang``: the folder of
    erl and epmd.
    """

    server: Path
    erlang: Path
    libraries: Path | None = None

    @property
    def epmd(self) -> Path:
        return self.erlang / "epmd"

    @property
    def code(self) -> list[Path]:
        """The folders of the modules that a node reads at its start, some seven hundred. Erlang
        looks for each in every folder it knows, one after the other; these are to come first.
        """
        plugins = self.server.resolve().parent.parent / "plugins"
        names = ("rabbit-*", "rabbit_common-*", "ra-*", "rabbitmq_prelaunch-*", "osiris-*")
        return [folder for name in names for folder in sorted(plugins.glob(f"{name}/ebin"))]


def programs(kept: Path) -> Programs:
    """Finds, else installs, else unpacks them under ``kept``. Raises ServerMissingError."""
    kept = without_spaces(kept)
    found = found_under(Path("/")) or _homebrew() or found_under(kept)
    if found is None and _install():
        found = found_under(Path("/"))
    if found is None and _unpack(kept):
        found = found_under(kept)
    if found is None:
        raise ServerMissingError(_ADVICE)
    return found


def found_under(root: Path) -> Programs | None:
    """A Debian package's files, installed (``/``) or merely unpacked in a folder."""
    server = root / "usr/lib/rabbitmq/bin/rabbitmq-server"
    erlang = root / "usr/lib/erlang/bin"
    if not (server.exists() and (erlang / "erl").exists() and (erlang / "epmd").exists()):
        return None
    libraries = sorted(root.glob("usr/lib/*-linux-gnu")) if root != Path("/") else []
    return Programs(server=server, erlang=erlang, libraries=libraries[0] if libraries else None)


def _homebrew() -> Programs | None:
    for prefix in (Path("/opt/homebrew"), Path("/usr/local")):
        server = prefix / "opt/rabbitmq/sbin/rabbitmq-server"
        erlang = prefix / "opt/erlang/lib/erlang/bin"
        if server.exists() and (erlang / "epmd").exists():
            return Programs(server=server, erlang=erlang)
    return None


def _install() -> bool:
    """By the system's package manager, asked to start no node of the package's own (RUNLEVEL).

    An error may only mean that this node could not start: look again.
    """
    if shutil.which("apt-get") is None:
        return False
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if prefix and not _succeeds([*prefix, "true"]):
        return False
    _say("RabbitMQ is not on this machine: installing it (once, about half a minute) ...")
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "-qq",
           "-o", "DPkg::Lock::Timeout=300"]  # fmt: skip
    _succeeds([*apt, "update"])
    return _succeeds([*apt, "install", "-y", "--no-install-recommends", "rabbitmq-server"]) or (
        found_under(Path("/")) is not None
    )


def without_spaces(kept: Path) -> Path:
    """RabbitMQ's scripts stumble over a space in their own path: such a folder is replaced."""
    return Path.home() / ".cache" / "reelay" / "rabbitmq" if " " in str(kept) else kept


def _unpack(kept: Path) -> bool:
    """Downloads the packages as an ordinary user and unpacks them in a folder of ours."""
    if not all(shutil.which(tool) for tool in ("apt-get", "apt-cache", "dpkg")):
        return False
    _say("RabbitMQ is not on this machine: unpacking it for this stack alone (once) ...")
    downloads = kept.with_name(f"{kept.name}.partial")
    shutil.rmtree(downloads, ignore_errors=True)
    root = downloads / "root"
    root.mkdir(parents=True)
    if not _succeeds(["apt-get", "-qq", "download", *_needed()], cwd=downloads):
        return False
    if not all(_succeeds(["dpkg", "-x", str(file), str(root)]) for file in downloads.glob("*.deb")):
        return False
    rerooted(root / "usr/lib/erlang/bin/erl", kept / "usr/lib/erlang")
    shutil.rmtree(kept, ignore_errors=True)
    root.rename(kept)
    shutil.rmtree(downloads, ignore_errors=True)
    return True


def rerooted(script: Path, erlang: Path) -> None:
    """Erlang's start script names the folder that it was packaged for; this one lives in another.

    The text is written anew, never changed in place: unpacked files may be links to others.
    """
    text = script.read_text().replace("/usr/lib/erlang", f"{erlang}")
    script.unlink()
    script.write_text(text.replace("ROOTDIR=" + str(erlang), f'ROOTDIR="{erlang}"'))
    script.chmod(0o755)


def _needed() -> list[str]:
    """RabbitMQ, what it needs of Erlang, and the few libraries that a small system may not have."""
    said = subprocess.run(
        [shutil.which("apt-cache") or "apt-cache", "depends", "--recurse", "--no-recommends",
         "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances",
         "rabbitmq-server"],
        capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    names = {line.strip() for line in said.stdout.splitlines() if line and line[0].isalpha()}
    erlang = {name for name in names if name.startswith("erlang-")}
    return ["rabbitmq-server", *sorted(erlang), *(name for name in _LIBRARIES if name in names)]


def _succeeds(command: list[str], cwd: Path | None = None) -> bool:
    try:
        done = subprocess.run(command, check=False, capture_output=True, cwd=cwd)
    except OSError:
        return False
    return done.returncode == 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
