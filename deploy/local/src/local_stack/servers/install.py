"""Where RabbitMQ's programs are; missing ones are installed when that needs no question."""

import asyncio
import os
import shutil
from pathlib import Path

from local_stack.servers.errors import ServerError

_HINT = "RabbitMQ is missing. Run: sudo apt-get install -y --no-install-recommends rabbitmq-server"


async def rabbitmq_home() -> Path:
    """The folder above ``bin/rabbitmq-server``: the machine's, or unpacked below ``folder``;
    installs it if it must.

    Raises ServerError with the one command to run where we may not install.
    """
    found = _found()
    if found is not None:
        return found
    if shutil.which("apt-get") is None:
        raise ServerError(_HINT)
    prefix = await _root_prefix()
    if prefix is None:
        raise ServerError(_HINT)
    await _install(prefix)
    installed = _found()
    if installed is None:
        raise ServerError(_HINT)
    return installed


def _found() -> Path | None:
    home = Path("/usr/lib/rabbitmq")
    return home if (home / "bin" / "rabbitmq-server").exists() else None


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
    await _run([*prefix, *quiet, "install", "--no-install-recommends", "rabbitmq-server"])


async def _run(command: list[str]) -> int:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()
