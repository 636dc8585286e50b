"""A private PostgreSQL server: TCP on 127.0.0.1 only, a password of its own, data that stays."""

import asyncio
import os
import secrets
import shutil
import signal
from pathlib import Path
from typing import Final

from local_stack.errors import ServerFailedError
from local_stack.processes import Process, Program, run
from local_stack.roster import Roster
from local_stack.servers.ports import kept_ports
from local_stack.servers.postgres_programs import as_owner, owner_of, programs_for

_USER: Final = "reelay"
_START_S: Final = 60
_OPTIONS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a folder's path may be too long for a socket
    "max_connections": "200",
    "log_min_messages": "warning",
}


class Postgres:
    """Lives in ``folder``. May be killed and started again: same port, same data."""

    name = "postgres"

    def __init__(self, folder: Path, *, roster: Roster | None = None) -> None:
        self._roster = roster
        self._folder = folder.absolute()
        self._data = self._folder / "data"
        self._secret = self._folder / "password"
        self._log = self._folder / "postgres.log"
        self._port = 0
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """The maintenance database's address; others differ in the last part."""
        return f"postgresql://{_USER}:{self._secret.read_text()}@127.0.0.1:{self._port}/postgres"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.alive

    async def start(self) -> None:
        """Returns when queries are answered. Raises ServerFailedError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        programs = programs_for(self._data)
        prefix = as_owner(self._own())
        if not (self._data / "PG_VERSION").is_file():
            await self._create(programs, prefix)
        if self._process is None:
            self._port = kept_ports(self._folder / "ports.json", ["sql"])["sql"]
        self._process = Process(
            Program(
                name=self.name,
                command=[*prefix, programs / "postgres", "-D", self._data, *self._options()],
                log=self._log,
                cwd=Path("/"),
                stop_signal=signal.SIGINT,  # "fast": doesn't wait for clients to leave
            ),
            self._roster,
        )
        await self._up(self._process, programs)

    async def stop(self) -> None:
        if self._process is not None:
            await self._process.stop(grace_s=20)

    async def kill(self) -> None:
        """As a crash: what was committed is there after the next start."""
        if self._process is not None:
            await self._process.kill()

    async def _up(self, process: Process, programs: Path) -> None:
        """Tries again: a killed server may leave memory behind that a first try trips over."""
        deadline = asyncio.get_running_loop().time() + _START_S
        process.start()
        while not await self._answers(programs):
            if asyncio.get_running_loop().time() > deadline:
                raise ServerFailedError(f"PostgreSQL did not start; its log is {self._log}")
            if not process.alive:
                await asyncio.sleep(0.3)
                process.start()
            await asyncio.sleep(0.05)

    async def _answers(self, programs: Path) -> bool:
        ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        return await run(ready, log=self._log, within_s=5) == 0

    async def _create(self, programs: Path, prefix: tuple[str, ...]) -> None:
        """Makes the data beside its place: an interrupted creation leaves nothing there."""
        self._write_secret()
        partial = self._folder / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        os.chown(partial, self._own(), -1)
        made = await run(
            [*prefix, programs / "initdb", "-D", partial, "-U", _USER, f"--pwfile={self._secret}",
             "--auth=scram-sha-256", "-E", "UTF8", "--no-locale", "--no-instructions"],
            log=self._log,
        )  # fmt: skip
        if made != 0:
            raise ServerFailedError(f"PostgreSQL's data could not be created; see {self._log}")
        shutil.rmtree(self._data, ignore_errors=True)
        partial.rename(self._data)

    def _write_secret(self) -> None:
        self._secret.unlink(missing_ok=True)
        self._secret.touch(mode=0o600)
        os.chown(self._secret, self._own(), -1)
        self._secret.write_text(secrets.token_urlsafe(24))

    def _own(self) -> int:
        return owner_of(self._data)

    def _options(self) -> list[str]:
        options = {**_OPTIONS, "port": str(self._port)}
        return [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
