"""Receipts of paid calls: who may call, what came of it and what it cost, so that nothing is paid
for twice.

Under a task's receipt lie, for each attempt n: ``sending-n`` (created if absent: only its creator
may call), ``job-n`` (the provider's id), ``beat-n`` (overwritten while the call runs), ``lost-n``
(the beat that somebody has seen unchanged for 30 s) and ``end-n`` (outcome, cost, and where the
reply is kept). n+1 opens only after ``end-n`` says "not charged".
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import structlog
from obstore.exceptions import BaseError
from pydantic import Field

from shared.artifacts import spending
from shared.artifacts.away import patiently
from shared.artifacts.calls import (
    STOPPED,
    CallFailedError,
    Charge,
    Clock,
    Reply,
    SystemClock,
    retried,
)
from shared.artifacts.store import ArtifactStore
from shared.errors import StageError
from shared.messages.base import Frozen
from shared.messages.commands import Command
from shared.messages.manifest import Blob
from shared.runtime import fail_points

BEAT_S: Final = 5.0
SILENT_S: Final = 30.0
LOOK_S: Final = 1.0
UNKNOWN: Final = "outcome_unknown"
_NO_BEAT: Final = b"none"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Names one call of one task. ``part`` tells apart the calls that a task may pay for.

    A greater ``authorisation`` names another receipt: the user agreed to pay again for what is
    unknown, not for what an earlier one paid for.
    """

    key: str
    authorisation: int
    run_id: UUID
    part: str = "call"

    @classmethod
    def of(cls, command: Command, part: str = "call") -> "Ticket":
        return cls(
            key=command.key,
            authorisation=command.authorisation,
            run_id=command.meta.run_id,
            part=part,
        )

    @property
    def name(self) -> str:
        """Of the call, whichever authorisation it is made by."""
        return f"{self.key}/{self.part}"

    def path(self, what: str, number: int) -> str:
        name = f"{self.key}/{self.authorisation}/{self.part}"
        return f"receipt/{hashlib.sha256(name.encode()).hexdigest()}/{what}-{number}"


class End(Frozen):
    """The last word on an attempt. Without ``code`` it succeeded and ``blobs`` hold the reply.
    ``run_id``: whose it was (None of what an earlier version wrote).
    """

    run_id: UUID | None = None
    charge: Charge
    cost: dict[str, float] = Field(default_factory=dict)
    blobs: dict[str, Blob] = Field(default_factory=dict)
    code: str | None = None
    detail: str = ""
    again_s: float | None = None

    @classmethod
    def of(cls, failure: CallFailedError) -> "End":
        return cls(
            charge=failure.charge,
            cost=failure.cost,
            code=failure.code,
            detail=failure.detail[:2000],
            again_s=failure.again_s if failure.charge is not Charge.YES else None,
        )

    def failure(self) -> CallFailedError:
        return CallFailedError(
            self.code or UNKNOWN,
            self.detail,
            charge=self.charge,
            cost=self.cost,
            again_s=self.again_s,
        )

    def reply(self) -> Reply:
        """What was paid for; raises what the attempt's own worker raised."""
        if self.charge is Charge.UNKNOWN:
            raise StageError(UNKNOWN, f"{self.code}: {self.detail}", retryable=False)
        if self.code is not None:
            raise self.failure()
        return Reply(blobs=self.blobs, cost=self.cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What a call is told: the key for providers that drop repeats, and where to note its job."""

    idempotency_key: UUID
    job: Callable[[str], Awaitable[None]]


def _counted(ticket: Ticket, end: End) -> None:
    """In what the job has spent; a reply that another run has paid for was told by that one."""
    if end.charge is Charge.UNKNOWN or end.run_id in {None, ticket.run_id}:
        spending.count(ticket.name, end.charge, end.cost)
    else:
        spending.count(ticket.name, Charge.NO)


Make = Callable[[Attempt], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One way to a provider.

    ``make`` calls and pays; it raises CallFailedError for every answer that it understands, and
    whatever else it raises counts as an unknown outcome. ``attach`` takes up a job by its id, free
    of charge. ``repeatable``: the provider honours the idempotency key, so ``make`` may be said
    again with the same one.
    """

    make: Make
    attach: Callable[[str], Awaitable[Reply]] | None = None
    repeatable: bool = False


class PaidCalls:
    """Makes each call once among all workers, however often its task is delivered."""

    def __init__(self, artifacts: ArtifactStore, clock: Clock | None = None) -> None:
        self._store = artifacts
        self._clock = clock or SystemClock()

    async def once(self, ticket: Ticket, call: Call) -> Reply:
        """The reply that was paid for, by this worker or an earlier one.

        Raises CallFailedError as the call did; StageError ``outcome_unknown`` when a call was begun
        and nobody can say what came of it; ``run_cancelled`` when the run was closed before it. A
        cancel by the user that comes during the call lets it end, and its reply is kept.
        """
        end = await self._paid_before(ticket, call) or await self._ended_once(ticket, call)
        _counted(ticket, end)
        return end.reply()

    async def _ended_once(self, ticket: Ticket, call: Call) -> End:
        number = 0
        while True:
            end = await self._end(ticket, number)
            if end is None and await self._opened(ticket, number):
                return await self._owned(ticket, number, call, call.make)
            end = end or await self._awaited(ticket, number)
            end = end or await self._taken_up(ticket, number, call)
            if end.charge is not Charge.NO:
                return end
            number += 1

    async def retried(self, ticket: Ticket, call: Call) -> Reply:
        """As ``once``, and again within seconds where that surely costs nothing."""
        return await retried(lambda: self.once(ticket, call), self._clock)

    async def _paid_before(self, ticket: Ticket, call: Call) -> End | None:
        """What an earlier authorisation paid for, as far as its end is known or can be found out: a
        user who agrees to pay again means the one call that is unknown, not all of the run.
        """
        for earlier in range(ticket.authorisation):
            end = await self._known(replace(ticket, authorisation=earlier), call)
            if end is not None and end.charge is Charge.YES:
                return end
        return None

    async def _known(self, ticket: Ticket, call: Call) -> End | None:
        """The end of a receipt's last attempt; None where nobody can say."""
        number, end = 0, None
        while await self._store.read_note(ticket.path("sending", number)) is not None:
            end = await self._end(ticket, number) or await self._awaited(ticket, number)
            try:
                end = end or await self._taken_up(ticket, number, call)
            except StageError as lost:
                if lost.code != UNKNOWN:
                    raise
                spending.count(ticket.name, Charge.NO)  # the user has agreed to pay anew
                return None
            number += 1
        return end

    async def _opened(self, ticket: Ticket, number: int) -> bool:
        """Whether this worker may call. A create whose answer got lost is known by its token; the
        key behind it tells the collector whose receipt this is.
        """
        if await self._store.is_closed(ticket.run_id):
            raise StageError("run_cancelled", "closed before a paid call", retryable=False)
        token = f"{uuid4()} {ticket.key}".encode()
        path = ticket.path("sending", number)
        return await self._store.create_note(path, token) or (
            await self._store.read_note(path) == token
        )

    async def _awaited(self, ticket: Ticket, number: int) -> End | None:
        """The end that another worker writes; None once its beat has not changed for 30 s, here or
        where somebody waited for it before: a user who agrees to pay again need not wait twice.
        """
        beat = await self._store.read_note(ticket.path("beat", number))
        if await self._store.read_note(ticket.path("lost", number)) == (beat or _NO_BEAT):
            return await self._end(ticket, number)
        changed = self._clock.now()
        while self._clock.now() - changed < SILENT_S:
            await self._clock.sleep(LOOK_S)
            end = await self._end(ticket, number)
            if end is not None:
                return end
            latest = await self._store.read_note(ticket.path("beat", number))
            if latest != beat:
                beat, changed = latest, self._clock.now()
        await self._store.write_note(ticket.path("lost", number), beat or _NO_BEAT)
        return None

    async def _taken_up(self, ticket: Ticket, number: int, call: Call) -> End:
        """The end of an attempt whose worker is gone: by the job's id, or the idempotency key."""
        job = await self._store.read_note(ticket.path("job", number))
        attach = call.attach
        if job is not None and attach is not None:
            _log.warning("call.attached", key=ticket.key, attempt=number)
            name = job.decode()
            return await self._owned(ticket, number, call, lambda _: attach(name))
        if call.repeatable:
            return await self._owned(ticket, number, call, call.make)
        spending.count(ticket.name, Charge.UNKNOWN)
        raise StageError(UNKNOWN, "the worker was lost in a paid call", retryable=False)

    async def _owned(self, ticket: Ticket, number: int, call: Call, make: Make) -> End:
        """Calls, with a beat beside it, and writes the end; the first end written stands."""
        spending.count(ticket.name, Charge.UNKNOWN)
        beating = asyncio.create_task(self._beat(ticket, number))
        making = asyncio.create_task(self._made(ticket, number, make))
        try:
            return await self._ended(ticket, number, call, await self._finished(making))
        except BaseException:
            await self._broken_off(ticket, number, call, making)
            raise
        finally:
            beating.cancel()
            await asyncio.wait([beating])

    async def _made(self, ticket: Ticket, number: int, make: Make) -> End:
        async def job(name: str) -> None:
            path = ticket.path("job", number)
            await patiently(lambda: self._store.create_note(path, name.encode()))

        key = uuid5(NAMESPACE_URL, ticket.path("sending", number))
        fail_points.reached("call.opened")
        try:
            reply = await make(Attempt(idempotency_key=key, job=job))
        except CallFailedError as failure:
            return End.of(failure)
        fail_points.reached("call.answered")
        return End(charge=Charge.YES, cost=reply.cost, blobs=reply.blobs)

    @staticmethod
    async def _finished(making: asyncio.Task[End]) -> End:
        """The call's end. A cancel by the user comes too late to save its cost, so the call goes
        on; any other (a time limit, a stopping worker) breaks it off.
        """
        while True:
            try:
                return await asyncio.shield(making)
            except asyncio.CancelledError as cancel:
                if making.cancelled() or cancel.args != (STOPPED,):
                    raise

    async def _broken_off(
        self, ticket: Ticket, number: int, call: Call, making: asyncio.Task[End]
    ) -> None:
        """A call that this worker can't see to its end; what it answered all the same counts."""
        making.cancel()
        await asyncio.wait([making])
        if making.cancelled() or making.exception() is not None:
            end = End(charge=Charge.UNKNOWN, code="broken_off", detail="the worker gave it up")
        else:
            end = making.result()
        with suppress(CallFailedError, BaseError):  # no reason to forget why it was broken off
            await self._ended(ticket, number, call, end)

    async def _ended(self, ticket: Ticket, number: int, call: Call, end: End) -> End:
        """Writes the end; an unknown one only where nobody can ask the provider again."""
        if end.charge is Charge.UNKNOWN and await self._resumable(ticket, number, call):
            raise end.failure()
        end = end.model_copy(update={"run_id": ticket.run_id})
        path, body = ticket.path("end", number), end.model_dump_json().encode()
        if await patiently(lambda: self._store.create_note(path, body)):
            _log.info("call.ended", key=ticket.key, charge=end.charge.value, cost=end.cost)
        else:
            end = await self._end(ticket, number) or end
        _counted(ticket, end)
        return end

    async def _resumable(self, ticket: Ticket, number: int, call: Call) -> bool:
        if call.repeatable:
            return True
        job = await self._store.read_note(ticket.path("job", number))
        return call.attach is not None and job is not None

    async def _beat(self, ticket: Ticket, number: int) -> None:
        """Tells other workers, by a change every 5 s, that the call is in good hands."""
        while True:
            with suppress(BaseError):
                await self._store.write_note(ticket.path("beat", number), uuid4().bytes)
            await self._clock.sleep(BEAT_S)

    async def _end(self, ticket: Ticket, number: int) -> End | None:
        body = await self._store.read_note(ticket.path("end", number))
        return None if body is None else End.model_validate_json(body)
