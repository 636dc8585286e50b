"""Where RabbitMQ's programs are; missing ones are installed when that needs no question."""

import asyncio
import os
import shutil
from pathlib import Path

from local_stack.servers.errors import ServerError

_HINT = "RabbitMQ is missing. Run: sudo apt-get install -y --no-install-recommends rabbitmq-server"


async def rabbitmq_home(folder: Path) -> Path:
    """The folder above ``bin/rabbitmq-server``: the machine's, or unpacked below ``folder``; installs it if it must.

    Raises ServerError with the one command to run where we may not install.
    """
    unpacked = folder / "rabbitmq-programs" / "usr/lib/rabbitmq"
    for home in (Path("/usr/lib/rabbitmq"), *sorted(Path("/opt").glob("rabbitmq*")), unpacked):
        if (home / "bin" / "rabbitmq-server").exists():
            return home
    if shutil.which("apt-get") is None:
        raise ServerError(_HINT)
    prefix = await _root_prefix()
    if prefix is None:
        raise ServerError(_HINT)
    await _install(prefix)
    return Path("/usr/lib/rabbitmq")


async def _root_prefix() -> list[str] | None:
    """What makes a command run as root without a question; None when nothing does."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and await _run(["sudo", "-n", "true"]) == 0:
        return ["sudo", "-n"]
    return None


async def _install(prefix: list[str]) -> None:
    """The package would start a node of its own; ours needs only the programs."""
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "-qq", "-y"]
    await _run([*prefix, *quiet, "update"])
    code = await _run(
        [*prefix, *quiet, "install", "--no-install-recommends", "rabbitmq-server"]
    )
    if code or not Path("/usr/lib/rabbitmq/bin/rabbitmq-server").exists():
        raise ServerError(_HINT)


async def _run(command: list[str]) -> int:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()
