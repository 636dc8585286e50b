"""A provider that counts what it is paid, and a store whose worker dies at a chosen step."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from obstore.store import MemoryStore

from shared.artifacts.calls import CallFailedError, Charge, Reply
from shared.artifacts.receipts import Attempt, Call, Ticket
from shared.messages.manifest import Blob

RUN = UUID("6f2f7c1e-8a53-4e0e-9d0a-2f6f6a4a0002")
REPLY = Blob(path=f"blob/{'a' * 64}.json", size=2, media_type="application/json")


def a_ticket(**changes: Any) -> Ticket:
    values: dict[str, Any] = {"key": "script/" + "b" * 64, "authorisation": 0, "run_id": RUN}
    return Ticket(**{**values, **changes})


@dataclass
class Provider:
    """``failures`` are raised first, one a call. ``gate`` holds every call until it is set."""

    failures: list[BaseException] = field(default_factory=list)
    job: str | None = None
    reply: Blob = REPLY
    calls: int = 0
    paid: int = 0
    attached: list[str] = field(default_factory=list)
    keys: list[UUID] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def make(self, attempt: Attempt) -> Reply:
        self.calls += 1
        self.keys.append(attempt.idempotency_key)
        failure = self.failures.pop(0) if self.failures else None
        if not (isinstance(failure, CallFailedError) and failure.charge is Charge.NO):
            self.paid += 1
        self.entered.set()
        if self.job is not None:
            await attempt.job(self.job)
        await self.gate.wait()
        if failure is not None:
            raise failure
        return Reply(blobs={"reply": self.reply}, cost={"tokens": 7})

    async def attach(self, job: str) -> Reply:
        self.attached.append(job)
        return Reply(blobs={"reply": self.reply}, cost={"tokens": 7})

    @property
    def call(self) -> Call:
        return Call(make=self.make)

    @property
    def job_call(self) -> Call:
        return Call(make=self.make, attach=self.attach)


def not_charged(code: str = "provider_busy", again_s: float | None = 0) -> CallFailedError:
    return CallFailedError(code, "try later", charge=Charge.NO, again_s=again_s)


class KilledError(BaseException):
    """The worker's process is gone: nothing of it runs any more."""


class MortalStore(MemoryStore):
    """One worker's way to a shared store: dead after ``steps`` operations, the last one done or
    not.
    """

    _shared: MemoryStore
    _left: float
    _does_last: bool
    steps: int = 0

    @classmethod
    def of(
        cls, shared: MemoryStore, steps: float = float("inf"), *, does_last: bool = True
    ) -> "MortalStore":
        mortal = cls()
        mortal._shared, mortal._left, mortal._does_last = shared, steps, does_last
        return mortal

    def kill(self) -> None:
        self._left = 0

    async def put_async(self, *args: Any, **options: Any) -> Any:
        return await self._step(self._shared.put_async, *args, **options)

    async def get_async(self, *args: Any, **options: Any) -> Any:
        return await self._step(self._shared.get_async, *args, **options)

    async def _step(self, operation: Any, *args: Any, **options: Any) -> Any:
        self._left -= 1
        self.steps += 1
        if self._left < 0 or (self._left == 0 and not self._does_last):
            self._left = 0
            raise KilledError
        answer = await operation(*args, **options)
        if self._left == 0:
            raise KilledError
        return answer
