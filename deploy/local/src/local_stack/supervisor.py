"""Keeps processes running: starts them, starts the dead ones again, tells which are ready."""

import asyncio
import os
import signal
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from local_stack.errors import StackError
from local_stack.processes import Process, Program
from local_stack.roster import Roster

_EVERY_S: Final = 0.1
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 5.0
_SETTLED_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One process to keep. ``ready_url`` answers 200 when it does its work; without one, living
    will do.
    """

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    ready_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a service is just now."""

    name: str
    pid: int | None
    alive: bool
    ready: bool
    restarts: int


def pause_after(deaths_in_a_row: int) -> float:
    """Seconds until a dead service is started again."""
    return min(_FIRST_PAUSE_S * 2 ** max(deaths_in_a_row - 1, 0), _LONGEST_PAUSE_S)


class Supervisor:
    """``env`` is what all services get. ``restarting`` may be switched off for a while."""

    def __init__(
        self,
        services: Iterable[Service],
        *,
        logs: Path,
        cwd: Path,
        env: Mapping[str, str],
        roster: Roster | None = None,
    ) -> None:
        self.restarting = True
        self.logs = logs
        self.restarts: dict[str, int] = {}
        self._services = {service.name: service for service in services}
        self._processes = {
            name: Process(
                Program(
                    name=name,
                    command=service.command,
                    log=logs / f"{name}.log",
                    env={**env, **service.env},
                    cwd=cwd,
                ),
                roster,
            )
            for name, service in self._services.items()
        }
        self._watchers: list[asyncio.Task[None]] = []
        self._http: httpx.AsyncClient | None = None

    @property
    def names(self) -> list[str]:
        return list(self._services)

    def pid(self, name: str) -> int:
        """Of its newest process, dead or alive. Raises StackError before the first start."""
        pid = self._processes[name].pid
        if pid is None:
            raise StackError(f"{name} was never started")
        return pid

    async def start(self) -> None:
        """May follow a stop: everything begins anew."""
        self._http = httpx.AsyncClient(timeout=3, trust_env=False)
        for name, process in self._processes.items():
            process.start()
            self.restarts[name] = 0
            self._watchers.append(asyncio.create_task(self._watch(name), name=f"watch {name}"))

    async def stop(self, *, grace_s: float = 10) -> None:
        """Asks all to end at once; those that don't in time are killed with their children."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        self._watchers.clear()
        await asyncio.gather(*(p.stop(grace_s=grace_s) for p in self._processes.values()))
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def kill(self, name: str, sign: signal.Signals = signal.SIGKILL) -> None:
        """Sends the signal to the newest process; returns when that process is gone."""
        pid = self.pid(name)
        with suppress(ProcessLookupError):
            os.kill(pid, sign)
        process = self._processes[name]
        while process.pid == pid and process.alive:  # noqa: ASYNC110  (another process's death)
            await asyncio.sleep(0.01)

    async def wait_ready(self, *, within_s: float = 60) -> None:
        """Raises StackError that names what is not ready, and its log."""
        deadline = time.monotonic() + within_s
        while waiting := [s for s in await self.standings() if not s.ready]:
            if time.monotonic() > deadline:
                raise StackError("\n".join(self._complaint(one) for one in waiting))
            await asyncio.sleep(_EVERY_S)

    async def standings(self) -> list[Standing]:
        """Every service as it is now, in the order in which they were given."""
        return list(await asyncio.gather(*(self._standing(name) for name in self._services)))

    async def _standing(self, name: str) -> Standing:
        process = self._processes[name]
        return Standing(
            name=name,
            pid=process.pid,
            alive=process.alive,
            ready=process.alive and await self._answers(self._services[name].ready_url),
            restarts=self.restarts.get(name, 0),
        )

    async def _answers(self, url: str | None) -> bool:
        if url is None or self._http is None:
            return url is None
        try:
            return (await self._http.get(url)).status_code == 200
        except httpx.HTTPError:
            return False

    async def _watch(self, name: str) -> None:
        process, deaths = self._processes[name], 0
        since = time.monotonic()
        while True:
            await asyncio.sleep(_EVERY_S)
            if process.alive or not self.restarting:
                continue
            deaths = 1 if time.monotonic() - since > _SETTLED_S else deaths + 1
            await asyncio.sleep(pause_after(deaths))
            since = time.monotonic()
            with suppress(OSError):  # a full disk, say: tried again after the next pause
                process.start()
                self.restarts[name] += 1

    def _complaint(self, standing: Standing) -> str:
        log = self.logs / f"{standing.name}.log"
        how = "is not ready" if standing.alive else "has ended"
        return f"{standing.name} {how} ({standing.restarts} restarts); its log: {log}{_tail(log)}"


def _tail(log: Path) -> str:
    with suppress(OSError):
        lines = log.read_text(errors="replace").splitlines()[-8:]
        return "".join(f"\n    {line[:300]}" for line in lines)
    return ""
