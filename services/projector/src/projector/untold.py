"""Milestones that the broker had taken and lost again: with its queue, or with its whole disk."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog
from aio_pika.exceptions import AMQPError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.errors import ServiceError
from shared.messaging.topology import MILESTONES, MILESTONES_QUEUE

# Sent each hour, what is never told has to be let go: its notifier is broken, and says so.
FOR_S: Final = 48 * 3_600
# A letter has the body of what nobody could read: operators settle that.
_UNTOLD: Final = text("""
    UPDATE outbox SET published_at = NULL, due_at = now()
    WHERE exchange = :exchange AND created_at > now() - make_interval(secs => :within)
        AND published_at < now() - make_interval(secs => :age)
        AND NOT EXISTS (SELECT 1 FROM notifier.notices WHERE notices.id = outbox.message_id)
        AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE dead_letters.body = outbox.body)
    RETURNING outbox.message_id
""")
_log = structlog.get_logger()
Depth = Callable[[str], Awaitable[tuple[int, int]]]


class Untold:
    """``age`` after a milestone was published there has to be a notice of it: else it goes out
    again, until it is two days old.
    """

    def __init__(
        self, engine: AsyncEngine, depth: Depth, *, age: timedelta = timedelta(minutes=10)
    ) -> None:
        self._engine = engine
        self._depth = depth
        self._age = age

    async def resend(self) -> int:
        """Answers how many go out again; none while some wait in the queue, nobody takes them, or
        the broker can't be asked.
        """
        try:
            ready, consumers = await self._depth(MILESTONES_QUEUE)
        except (ServiceError, AMQPError, OSError, TimeoutError) as away:
            _log.warning("queue.unknown", queue=MILESTONES_QUEUE, reason=repr(away))
            return 0
        if ready or not consumers:
            return 0
        values = {
            "exchange": MILESTONES,
            "within": FOR_S,
            "age": self._age.total_seconds(),
        }
        async with self._engine.begin() as conn:
            found = list((await conn.execute(_UNTOLD, values)).scalars())
        for message_id in found:
            _log.warning("milestone.lost", message=str(message_id))
        return len(found)
