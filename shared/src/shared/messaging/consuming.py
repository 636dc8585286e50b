"""Consumers of a FastStream broker: whether they really consume, and how they stop first."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from aio_pika.exceptions import AMQPError
from faststream.rabbit import RabbitBroker

_CANCEL_S: Final = 2.0


async def take_no_more(broker: RabbitBroker) -> None:
    """Cancels every consumer; what was delivered can still be settled.

    FastStream itself waits for its handlers first, and all that comes meanwhile is held until
    the process is gone.
    """
    for subscriber in _subscribers(broker):
        queue, tag = subscriber._queue_obj, subscriber._consumer_tag  # noqa: SLF001
        if queue is None or tag is None:
            continue
        with suppress(AMQPError, OSError, RuntimeError, TimeoutError):  # away: nothing comes
            async with asyncio.timeout(_CANCEL_S):
                await queue.cancel(tag)
        subscriber._consumer_tag = None  # noqa: SLF001


def consumes(broker: RabbitBroker) -> bool:
    """Whether each consumer of this very process is on an open channel: that a queue has some
    consumer may be another replica's merit.
    """
    return all(_is_on(subscriber) for subscriber in _subscribers(broker))


def _is_on(subscriber: Any) -> bool:
    queue, tag = subscriber._queue_obj, subscriber._consumer_tag  # noqa: SLF001
    if queue is None or tag is None or queue.channel.is_closed:
        return False
    connection = queue.channel._connection  # noqa: SLF001  (the robust one; nothing public tells)
    return bool(connection.connected.is_set())


def _subscribers(broker: RabbitBroker) -> Iterable[Any]:
    return broker.subscribers
