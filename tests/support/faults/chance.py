"""Faults by chance: what may happen, drawn from a seed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import asyncpg
from support.faults.wire import SERVED, put
from support.faults.world import SERVICES, World

POINTS: Final[dict[str, list[str]]] = {
    "api": ["api.committed", "relay.published"],
    "projector": [
        "projector.received", "projector.locked", "projector.committed", "relay.published",
    ],
    "script-worker": [
        "worker.started", "call.opened", "call.answered", "worker.committed", "worker.stated",
    ],
    "media-worker": [
        "call.answered",
        *(f"worker.{what}@{stage}" for stage in ("voice", "clip", "assembly")
          for what in ("started", "working", "committed", "stated")),
    ],
    "notifier": ["notifier.kept"],
}  # fmt: skip
SIGNS: Final = (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP)
LONGEST_HIT_S: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """``about``: the service or server that it happens to. ``happen`` ends when it is over, and
    answers how many dead letters it brought.
    """

    about: str
    name: str
    happen: Callable[[World], Awaitable[int]]


def faults(chance: Random) -> list[Fault]:
    """One round: each service once, in whatever way, and two of the other troubles."""
    troubles = [_rabbitmq, _alarm, _postgres, _lock, _link, _disk, _provider, _broken, _any_process]
    drawn = [_process(chance, service) for service in SERVICES]
    drawn += [trouble(chance) for trouble in chance.sample(troubles, k=2)]
    chance.shuffle(drawn)
    return drawn


def _process(chance: Random, service: str) -> Fault:
    """At a named moment of its work, or at any."""
    sign, seconds = chance.choice(SIGNS), chance.uniform(1, 8)
    number = chance.randrange(2)
    point = chance.choice([*POINTS[service], ""])

    async def happen(world: World) -> int:
        if point:
            mark = world.arm(service, point, sign)
            try:
                pid = await world.hit(mark, within=LONGEST_HIT_S)
            except AssertionError:
                world.disarm()
                raise MissedError from None
        else:
            pid = world.stack.pid(world.names(service)[number])
            os.kill(pid, sign)
        if sign is signal.SIGSTOP:
            await world.last(seconds)
            os.kill(pid, signal.SIGCONT)
        return 0

    return Fault(about=service, name=f"{sign.name}: {service}", happen=happen)


class MissedError(Exception):
    """The moment did not come in time: nothing happened."""


def _any_process(chance: Random) -> Fault:
    """Both of a service at once."""
    service = chance.choice(SERVICES)

    async def happen(world: World) -> int:
        for name in world.names(service):
            os.kill(world.stack.pid(name), signal.SIGKILL)
        return 0

    return Fault(about=service, name=f"SIGKILL of all: {service}", happen=happen)


def _rabbitmq(chance: Random) -> Fault:
    killed, seconds = chance.random() < 0.5, chance.uniform(0, 10)

    async def happen(world: World) -> int:
        await (world.rabbitmq.kill() if killed else world.rabbitmq.stop())
        await world.last(seconds)
        await world.rabbitmq.start()
        return 0

    name = f"RabbitMQ {'killed' if killed else 'stopped'} and started"
    return Fault(about="rabbitmq", name=name, happen=happen)


def _alarm(chance: Random) -> Fault:
    seconds = chance.uniform(2, 8)

    async def happen(world: World) -> int:
        await world.ctl("set_vm_memory_high_watermark", "0.00001")
        try:
            await world.last(seconds)
        finally:
            await world.ctl("set_vm_memory_high_watermark", "0.4")
        return 0

    return Fault(about="rabbitmq", name="memory alarm", happen=happen)


def _postgres(chance: Random) -> Fault:
    killed, seconds = chance.random() < 0.5, chance.uniform(0, 8)

    async def happen(world: World) -> int:
        await (world.postgres.kill() if killed else world.postgres.stop())
        await world.last(seconds)
        await world.postgres.start()
        return 0

    name = f"PostgreSQL {'killed' if killed else 'stopped'} and started"
    return Fault(about="postgres", name=name, happen=happen)


def _lock(chance: Random) -> Fault:
    seconds = chance.uniform(2, 12)

    async def happen(world: World) -> int:
        async with _connected(world) as connection, connection.transaction():
            await connection.execute("LOCK TABLE video_projects IN ACCESS EXCLUSIVE MODE")
            await world.last(seconds)
        return 0

    return Fault(about="postgres", name="a lock on all projects", happen=happen)


def _link(chance: Random) -> Fault:
    service, seconds = chance.choice(SERVICES), chance.uniform(2, 20)
    servers = ["rabbitmq"] if service in {"script-worker", "media-worker"} else [
        "rabbitmq", "postgres",
    ]  # fmt: skip
    server, how = chance.choice(servers), chance.choice(["reset", "up", "down", "both"])

    async def happen(world: World) -> int:
        link = world.link(service, server)
        if how != "reset":
            for gate in ("up", "down") if how == "both" else (how,):
                getattr(link, gate).clear()
            await world.last(seconds)
            link.heal()
        link.cut()
        return 0

    said = {"reset": "reset", "up": "one-way", "down": "one-way", "both": "black hole"}[how]
    return Fault(about=service, name=f"link to {server}: {said}", happen=happen)


def _disk(chance: Random) -> Fault:
    how, seconds = chance.choice(["fill", "lock", "remove"]), chance.uniform(1, 6)

    async def happen(world: World) -> int:
        getattr(world.disk, how)()
        try:
            await world.last(seconds)
        finally:
            world.disk.heal()
        return 0

    said = {"fill": "full", "lock": "read-only", "remove": "away"}[how]
    return Fault(about="artifacts", name=f"artifact store {said}", happen=happen)


def _provider(chance: Random) -> Fault:
    chat = chance.choices(["busy", "overloaded", "error", "cut", "broken", "dropped"], k=3)
    speech = chance.choices(["busy", "overloaded", "error", "cut", "empty"], k=3)

    async def happen(world: World) -> int:
        await world.moods(chat=chat, speech=speech)
        return 0

    return Fault(about="provider", name="provider in moods", happen=happen)


def _broken(chance: Random) -> Fault:
    queue = chance.choice(SERVED).name
    body = chance.choice([b"", b"no JSON", b"[" * 5_000, b'{"type":"facts.v9"}'])

    async def happen(world: World) -> int:
        await put(world.rabbitmq.url, queue, body)
        return 1

    return Fault(about="rabbitmq", name="a broken message", happen=happen)


@asynccontextmanager
async def _connected(world: World) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(world.postgres.url)
    try:
        yield connection
    finally:
        await asyncio.shield(connection.close())
