"""The projector's parts, wired: intake, dead letters, watchdog, relay."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from projector.batch import Written
from projector.collector.collector import Collector
from projector.dead_letters import DeadLetters
from projector.housekeeping import Housekeeping
from projector.intake import Applied, Intake
from projector.untold import Untold
from projector.watchdog import Watchdog
from shared.artifacts.inventory import Inventory
from shared.artifacts.store import ArtifactStore
from shared.messages.updates import ProjectChange
from shared.messaging.announcer import Announcer
from shared.messaging.publisher import Publisher
from shared.messaging.topology import FACTS_QUEUE
from shared.runtime.health import Check
from shared.runtime.pausing import paused, until
from shared.runtime.service import supervised
from shared.store.engine import is_away
from shared.store.relay import Relay

SWEEP_S: Final = 1.0
RESEND_S: Final = 15.0
LAG_S: Final = 5.0
SETTLE_S: Final = 20.0
TIDY_S: Final = 3_600.0
TIDY_AFTER_S: Final = 60.0
_log = structlog.get_logger()


async def serve(  # noqa: PLR0913  (what it works with, by name)
    *,
    rabbitmq_url: str,
    engine: AsyncEngine,
    publisher: Publisher,
    artifacts: ArtifactStore,
    inventory: Inventory,
    relays: bool,
    checks: dict[str, Check],
    grace_s: float,
    stop: asyncio.Event,
) -> None:
    """Runs until ``stop``; each loop is started again when it breaks. ``relays``: the outbox is
    moved here too. ``checks`` learns whether facts are consumed.

    Then nothing more is taken; what is in hand is applied and acked, sent and marked, as far as
    it is done within ``grace_s``.
    """
    relay = Relay(engine, publisher, artifacts, stop)
    announcer = Announcer(publisher)

    def applied(written: Written) -> None:
        if written.posted:
            relay.wake()
        announcer.tell(written.changes)

    intake = Intake(rabbitmq_url, engine, applied=applied, stop=stop)
    dead = DeadLetters(rabbitmq_url, engine, applied, stop)
    checks["consuming"] = lambda: _consuming(intake, publisher)
    watchdog = Watchdog(engine, publisher.depth, current=lambda: is_current(intake))
    housekeeping, collector = Housekeeping(engine), Collector(engine, inventory)
    untold = Untold(engine, publisher.depth)

    def calm() -> Awaitable[None]:
        """Who reads whole tables waits until a restart's backlog has been applied."""
        return until(lambda: is_current(intake), stop, after_s=TIDY_AFTER_S, every_s=SWEEP_S)

    ending = [  # by themselves, what they have in hand settled
        *([asyncio.create_task(supervised("relay", relay.run, stop))] if relays else []),
        asyncio.create_task(supervised("intake", intake.run, stop)),
        asyncio.create_task(supervised("dead letters", dead.run, stop)),
    ]
    others = [
        _looping("watchdog", SWEEP_S, _telling(applied, watchdog.sweep), stop),
        _looping("resending", RESEND_S, _telling(applied, watchdog.resend), stop),
        _looping("housekeeping", TIDY_S, _unless_away(housekeeping.tidy), stop, first=calm),
        _looping("collector", TIDY_S, _unless_away(collector.collect), stop, first=calm),
        _looping("untold", TIDY_S, _unless_away(untold.resend), stop, first=calm),
    ]
    await stop.wait()
    _cancel(others)
    await asyncio.wait(ending, timeout=grace_s)
    _cancel(ending)
    await asyncio.gather(*ending, *others, return_exceptions=True)


def _cancel(loops: Sequence[asyncio.Task[None]]) -> None:
    for loop in loops:
        loop.cancel()


async def _consuming(intake: Intake, publisher: Publisher) -> bool:
    """By our own account and by the broker's: either alone may be wrong."""
    return intake.consuming_s > 0 and await publisher.consumed([FACTS_QUEUE])


def is_current(intake: Intake) -> bool:
    """Whether silence proves anything: facts come in without a break (what ran while we or the
    broker were away has had its time to say so), and none of them waits here.
    """
    return intake.consuming_s >= SETTLE_S and intake.behind_s <= LAG_S


def _telling(
    applied: Applied, work: Callable[[], Awaitable[list[ProjectChange]]]
) -> Callable[[], Awaitable[None]]:
    async def step() -> None:
        if changes := await work():
            applied(Written(changes, posted=True))

    return _unless_away(step)


def _unless_away(work: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
    """A database that is away is left for the next time."""

    async def step() -> None:
        try:
            await work()
        except Exception as error:
            if not is_away(error):
                raise
            _log.warning("loop.waiting", reason=repr(error))

    return step


def _looping(
    name: str,
    seconds: float,
    step: Callable[[], Awaitable[None]],
    stop: asyncio.Event,
    *,
    first: Callable[[], Awaitable[None]] | None = None,
) -> asyncio.Task[None]:
    """``step`` every so many seconds, after ``first``."""

    async def run() -> None:
        if first is not None:
            await first()
        while not stop.is_set():
            await step()
            await paused(stop, seconds)

    return asyncio.create_task(supervised(name, run, stop))
