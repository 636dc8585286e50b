"""Dead queues → ``dead_letters``; a dead command is folded as its task's failure, so nobody waits
for it.
"""

import asyncio
import json
from typing import Any

import aio_pika
import structlog
from aiormq.abc import DeliveredMessage
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from projector.batch import apply
from projector.deliveries import Deliveries, ack, deliveries_of
from projector.fold import LAST_DELIVERY
from projector.intake import Applied
from projector.reading import Bad
from shared.messages.base import FactMeta, derived_id
from shared.messages.catalog import CATALOG
from shared.messages.commands import Command
from shared.messages.facts import Fact, TaskFailed
from shared.messaging.publisher import HEARTBEAT_S
from shared.messaging.topology import QUEUES, declare_all
from shared.store.engine import holds_up

_log = structlog.get_logger()


class DeadLetters:
    """Reads every dead queue, one message a transaction; acks after the commit."""

    def __init__(
        self, url: str, engine: AsyncEngine, applied: Applied, stop: asyncio.Event | None = None
    ) -> None:
        self._url = url
        self._engine = engine
        self._applied = applied
        self._stop = stop or asyncio.Event()

    async def run(self) -> None:
        connection = await aio_pika.connect(
            self._url, heartbeat=HEARTBEAT_S, client_properties={"connection_name": "dead letters"}
        )
        async with connection:
            channel = await connection.channel(publisher_confirms=False)
            await declare_all(channel)
            await channel.set_qos(prefetch_count=10)
            deliveries, _ = await deliveries_of(channel, [queue.dead for queue in QUEUES])
            ending = asyncio.create_task(self._ends(deliveries))
            try:
                while (message := await deliveries.get()) and not self._stop.is_set():
                    await self._keep(message)
                    await ack(message)
            finally:
                ending.cancel()

    async def _ends(self, deliveries: Deliveries) -> None:
        """After the letter in hand; the others go back with the connection."""
        await self._stop.wait()
        deliveries.put_nowait(None)

    async def _keep(self, message: DeliveredMessage) -> None:
        queue, reason = _death(message)
        properties = message.header.properties
        bad = Bad(
            body=message.body,
            reason=reason,
            queue=queue,
            type=properties.message_type,
            headers=dict(properties.headers or {}),
        )
        facts = [fact] if (fact := failure_of(message.body, reason)) else []
        pause = 0.2
        while True:
            try:
                written = await apply(self._engine, facts, [bad])
            except Exception as error:
                if not holds_up(error):
                    raise
                _log.warning("letter.held", reason=repr(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5)
            else:
                break
        self._applied(written)


def failure_of(body: bytes, reason: str) -> Fact | None:
    """The failure of a dead command's own dispatch; None when the body is no command."""
    try:
        raw = json.loads(body)
        kind = CATALOG.get(raw["type"])
        if kind is None or not issubclass(kind, Command):
            return None
        meta = kind.model_validate(raw).meta
    except (ValueError, ValidationError, TypeError, KeyError, RecursionError):
        return None
    fact = FactMeta.model_validate(
        {
            **meta.model_dump(),
            "message_id": derived_id(meta.message_id, "dead"),
            "causation_id": meta.message_id,
            "delivery": LAST_DELIVERY,
            "seq": 0,
        }
    )
    return TaskFailed(meta=fact, code="worker_crashed", detail=reason, retryable=False)


def _death(message: DeliveredMessage) -> tuple[str, str]:
    deaths: Any = (message.header.properties.headers or {}).get("x-death") or [{}]
    first = deaths[0]
    return str(first.get("queue", message.routing_key)), str(first.get("reason", "unknown"))
