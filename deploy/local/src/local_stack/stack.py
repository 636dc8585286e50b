"""Reelay's services as processes on one machine, on servers that somebody else has started."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from local_stack.roster import Roster
from local_stack.servers.ports import kept_ports
from local_stack.supervisor import Service, Standing, Supervisor

MODULES: Final[dict[str, str]] = {
    "api": "api",
    "projector": "projector",
    "script-worker": "script_worker",
    "media-worker": "media_worker",
    "notifier": "notifier",
}
_NO_DATABASE: Final = frozenset({"script-worker", "media-worker"})
_OURS: Final = (
    "DATABASE_URL",
    "RABBITMQ_URL",
    "ARTIFACTS_URL",
    "API_",
    "AUTH_",
    "HEALTH_",
    "REELAY_",
)


def replicas_for(cores: int | None) -> dict[str, int]:
    """Media workers do the heavy work: one a core, up to four."""
    return {**dict.fromkeys(MODULES, 1), "media-worker": max(1, min(cores or 1, 4))}


class Stack:
    """``start`` and ``stop`` all services; a killed one is started again while ``restarting``.

    A service's first process bears its name, the others ``name-2`` and so on.
    """

    def __init__(  # noqa: PLR0913  (a stack is put together in one place, by name)
        self,
        folder: Path,
        database_url: str,
        rabbitmq_url: str,
        *,
        replicas: Mapping[str, int] | None = None,
        env: Mapping[str, Mapping[str, str]] | None = None,
        api_port: int | None = None,
        grace_s: float = 5,
        cwd: Path | None = None,
        roster: Roster | None = None,
        modules: Mapping[str, str] | None = None,
    ) -> None:
        """``env``: more variables by service. Without ``api_port`` a free one is taken.
        ``grace_s``: what services get for the work in hand. ``modules``: other programs in place
        of services' own.
        """
        self.folder = folder.absolute()
        self.logs = self.folder / "logs"
        self.artifacts = self.folder / "artifacts"
        for made in (self.logs, self.artifacts):
            made.mkdir(parents=True, exist_ok=True)
        names = dict(_named(replicas or replicas_for(os.cpu_count())))
        self._ports = kept_ports(self.folder / "ports.json", list(names))
        if api_port is not None:
            self._ports["api"] = api_port
        self.api_url = f"http://127.0.0.1:{self._ports['api']}"
        self._grace_s = grace_s
        extra = env or {}
        self._modules = {**MODULES, **(modules or {})}
        self.services = [
            self._service(name, of, database_url, extra.get(of, {})) for name, of in names.items()
        ]
        self._supervisor = Supervisor(
            self.services,
            logs=self.logs,
            cwd=cwd or self.folder,
            env={**_inherited(), **self._shared(rabbitmq_url)},
            roster=roster,
        )

    @property
    def restarting(self) -> bool:
        return self._supervisor.restarting

    @restarting.setter
    def restarting(self, wanted: bool) -> None:
        self._supervisor.restarting = wanted

    async def start(self) -> None:
        await self._supervisor.start()

    async def wait_ready(self, *, within_s: float = 60) -> None:
        await self._supervisor.wait_ready(within_s=within_s)

    async def stop(self) -> None:
        await self._supervisor.stop(grace_s=self._grace_s + 3)

    async def kill(self, name: str, sign: signal.Signals = signal.SIGKILL) -> None:
        await self._supervisor.kill(name, sign)

    def pid(self, name: str) -> int:
        return self._supervisor.pid(name)

    def port(self, name: str) -> int:
        """Where the process answers ``/live`` and ``/ready``."""
        return self._ports[name]

    async def standings(self) -> list[Standing]:
        return await self._supervisor.standings()

    def _service(self, name: str, of: str, database_url: str, extra: Mapping[str, str]) -> Service:
        port = self._ports[name]
        database = {} if of in _NO_DATABASE else {"DATABASE_URL": database_url}
        own = {"API_PORT": str(port)} if of == "api" else {"HEALTH_PORT": str(port)}
        return Service(
            name=name,
            command=(sys.executable, "-m", self._modules[of]),
            env={**database, **own, "GRACE_S": f"{self._grace_s:g}", **extra},
            ready_url=f"http://127.0.0.1:{port}/ready",
        )

    def _shared(self, rabbitmq_url: str) -> dict[str, str]:
        return {
            "RABBITMQ_URL": rabbitmq_url,
            "ARTIFACTS_URL": self.artifacts.as_uri(),
            "API_HOST": "127.0.0.1",
            "AUTH_MODE": "local",
            "LOCAL_USER": "local",
            "LOG_FORMAT": "json",
            "PYTHONUNBUFFERED": "1",
        }


def _named(replicas: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Process names with the service that each is of."""
    for service in MODULES:
        for number in range(replicas.get(service, 1)):
            yield (service if number == 0 else f"{service}-{number + 1}"), service


def _inherited() -> dict[str, str]:
    """Our environment without what the stack itself decides."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
