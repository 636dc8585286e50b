"""The whole stack of a folder: servers, then the schema, then the services; and back again.

Whoever holds the folder's lock, and nobody else, writes and removes its state file and its roster,
and ends what the roster lists.
"""

import asyncio
import fcntl
import os
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final, NoReturn

from local_stack.errors import StackError
from local_stack.keeper import Keeper
from local_stack.logs import bound_all
from local_stack.processes import run
from local_stack.roster import Roster
from local_stack.servers.ports import is_free
from local_stack.servers.postgres import Postgres
from local_stack.servers.rabbitmq import RabbitMQ
from local_stack.settings import StackSettings
from local_stack.stack import Stack
from local_stack.state import Phase, Row, StackState, StateFile, own_state
from local_stack.version import version

_LOOK_S: Final = 1.0
_MIGRATION_S: Final = 900  # more than one of its statements may take


class Local:
    """One at a time in a folder. ``stop`` may come at any moment, even in the middle of a start."""

    def __init__(
        self, settings: StackSettings, *, api_port: int | None = None, demo: bool = False
    ) -> None:
        """Without ``api_port`` a free one is taken. ``demo``: whether it ends with a demo."""
        self.folder = settings.reelay_dir.absolute()
        self.stack: Stack | None = None
        self.servers: list[Postgres | RabbitMQ] = []
        self._settings = settings
        self._api_port = api_port
        self._demo = demo
        self._roster = Roster(self.folder / "processes.json")
        self._file = StateFile(self.folder)
        self._lock: IO[str] | None = None
        self.keeper = Keeper(self.servers)
        self._keeping: asyncio.Task[None] | None = None
        self._booting: RabbitMQ | None = None

    async def start(self, tell: Callable[[str], None]) -> Stack:
        """Returns when every service is ready. Raises StackError."""
        self._lock = held(self.folder / "lock")
        await asyncio.to_thread(self._roster.sweep)
        self._file.write(self._state("starting"))
        if self._api_port is not None and not is_free(self._api_port):
            raise StackError(
                f"Port {self._api_port} is taken; choose another: API_PORT=5174 make up"
            )
        tell("Starting PostgreSQL and RabbitMQ")
        database_url, rabbitmq_url = await both(self._database(), self._rabbitmq())
        tell("Starting the services")
        self.stack = Stack(
            self.folder,
            database_url,
            rabbitmq_url,
            api_port=self._api_port,
            grace_s=self._settings.grace_s,
            cwd=Path.cwd(),
            roster=self._roster,
        )
        await self.stack.start()
        if self._booting is not None:
            await self._booting.wait_up()
        self._keeping = asyncio.create_task(self.keeper.run())
        await self.stack.wait_ready()
        if self._booting is not None:
            await self._booting.written()
        return self.stack

    async def tell_on(self) -> NoReturn:
        """Says in the state file, each second, how everything stands; keeps the logs short."""
        while True:
            self._tell(await self._standing())
            bound_all(self.folder)
            await asyncio.sleep(_LOOK_S)

    async def stop(self) -> None:
        """The services first, so that they can put their work down; data stays."""
        if self._lock is not None:
            self._tell(self._state("stopping"))
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self.stack is not None:
            await self.stack.stop()
        await asyncio.gather(*(server.stop() for server in self.servers))
        if self._lock is not None:
            self._roster.forget()
            self._file.remove()
            self._lock.close()

    async def _standing(self) -> StackState:
        if self.stack is None:
            return self._state("starting")
        restarts = self.keeper.restarts
        rows = [
            Row(name=one.name, pid=one.pid, ready=one.alive, restarts=restarts[one.name])
            for one in self.servers
        ]
        rows += [
            Row(name=one.name, pid=one.pid, ready=one.ready, restarts=one.restarts)
            for one in await self.stack.standings()
        ]
        state = self._state("ready" if all(row.ready for row in rows) else "degraded")
        return state.model_copy(update={"api_url": self.stack.api_url, "rows": rows})

    def _tell(self, state: StackState) -> None:
        """What a full disk keeps from being told ends no stack."""
        with suppress(OSError):
            self._file.write(state)

    def _state(self, phase: Phase) -> StackState:
        told: Phase = "demo" if self._demo and phase != "stopping" else phase
        return own_state(told, grace_s=self._settings.grace_s, version=version())

    async def _database(self) -> str:
        url = self._settings.given_database
        if url is None:
            server = Postgres(self.folder / "postgres", roster=self._roster)
            self.servers.append(server)
            await server.start()
            url = server.url
        await self._migrate(url)
        return url

    async def _rabbitmq(self) -> str:
        """Its node needs longest, most of it alone on one core: the services start beside it."""
        if url := self._settings.given_rabbitmq:
            return url
        kept = self.folder / "programs" / "rabbitmq"
        server = RabbitMQ(self.folder / "rabbitmq", kept=kept, roster=self._roster)
        self.servers.append(server)
        await server.launch()
        self._booting = server
        return server.url

    async def _migrate(self, database_url: str) -> None:
        log = self.folder / "logs" / "migrate.log"
        log.unlink(missing_ok=True)
        env = {**os.environ, "DATABASE_URL": database_url}
        command = [sys.executable, "-m", "shared.store.migrate"]
        if await run(command, log=log, env=env, within_s=_MIGRATION_S) != 0:
            raise StackError(f"The database was not upgraded:\n{log.read_text().strip()[-2000:]}")


async def both(
    first: Coroutine[Any, Any, str], second: Coroutine[Any, Any, str]
) -> tuple[str, str]:
    """Side by side; when one fails, the other is ended and the failure raised as it is."""
    tasks = [asyncio.create_task(first), asyncio.create_task(second)]
    try:
        one, other = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return one, other


def held(file: Path) -> IO[str]:
    """A lock that ends with this process. Raises StackError when somebody else has it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = file.open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise StackError(
            "A stack already runs in this folder, or is just starting or stopping: "
            "`make status`, `make down`."
        ) from None
    return lock
