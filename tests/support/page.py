"""The page on a running stack, and the scenarios of ``web/tests/browser`` that are played on it."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from support.building import failed
from support.node import WEB, node
from support.user import User

from local_stack.stack import Stack
from projector import batch
from shared.state import TaskState
from shared.store import aggregate
from shared.store.engine import store_engine

FOLDER: Final = WEB / "tests" / "browser"
_RUN: Final = ("--test", "--test-reporter=spec", "--test-timeout=170000")  # ms: a hang is named


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running stack with the page on it."""

    stack: Stack
    browser: str
    database_url: str

    def pids(self) -> dict[str, int]:
        return {service.name: self.stack.pid(service.name) for service in self.stack.services}

    @contextmanager
    def standing_still(self, service: str) -> Iterator[None]:
        """The processes of ``service`` do nothing meanwhile."""
        own = [pid for name, pid in self.pids().items() if name.startswith(service)]
        for pid in own:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in own:
                os.kill(pid, signal.SIGCONT)

    async def failed(self, user: User, code: str, *, retryable: bool = False) -> str:
        """The user's production, made by nobody, fails with ``code``: for good, or once."""
        engine = store_engine(self.database_url, pool=1, application="tests")
        await user.post(f"/projects/{user.project}/production")
        async with engine.connect() as conn:
            held = (await aggregate.load(conn, [UUID(user.project)]))[UUID(user.project)]
        assert held.run is not None
        task = next(task for task in held.run.tasks if task.state is not TaskState.DONE)
        fact = failed(
            held.project, held.run, task, code=code, retryable=retryable, dispatch=task.dispatch
        )
        await batch.apply(engine, [fact])
        await engine.dispose()
        return user.project

    async def scenario(self, name: str, **more: str) -> None:
        """Runs one file; the stack's processes are at its hand by name."""
        env = {
            **more,
            "API_URL": self.stack.api_url,
            "CHROMIUM": self.browser,
            "ARTIFACTS": str(self.stack.artifacts),
            "PIDS": json.dumps(self.pids()),
            "SHOTS": os.environ.get("SHOTS", ""),
        }
        try:
            code, said = await node(*_RUN, str(FOLDER / name), env=env)
        finally:
            for pid in self.pids().values():  # a scenario that was cut off may have left them so
                os.kill(pid, signal.SIGCONT)
        assert code == 0, said
