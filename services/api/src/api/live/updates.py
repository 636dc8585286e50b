"""Hints from the broker: which projects a projector or another API process has just written."""

import asyncio
from uuid import uuid4

import aio_pika
import structlog
from aio_pika.abc import AbstractIncomingMessage
from pydantic import ValidationError

from api.live.hub import Hub
from shared.messages.updates import ProjectsChanged
from shared.messaging.publisher import HEARTBEAT_S
from shared.messaging.topology import UPDATES, declare_all

BACKLOG = 1_000
_log = structlog.get_logger()


class Updates:
    """One connection's life: an exclusive bounded queue that goes with it. The supervisor starts it
    again, and the hub's next tick finds what was missed meanwhile.
    """

    def __init__(self, url: str, hub: Hub) -> None:
        self._url = url
        self._hub = hub

    async def run(self) -> None:
        connection = await aio_pika.connect(
            self._url, heartbeat=HEARTBEAT_S, client_properties={"connection_name": "api updates"}
        )
        async with connection:
            channel = await connection.channel(publisher_confirms=False)
            await declare_all(channel)
            lost = asyncio.Event()
            channel.close_callbacks.add(lambda _channel, _why: lost.set())
            queue = await channel.declare_queue(
                f"api.updates.{uuid4().hex[:12]}",
                exclusive=True,
                auto_delete=True,
                arguments={"x-max-length": BACKLOG, "x-overflow": "drop-head"},
            )
            await queue.bind(UPDATES)
            await queue.consume(self._hear, no_ack=True)
            await self._hub.tick()
            await lost.wait()

    async def _hear(self, message: AbstractIncomingMessage) -> None:
        try:
            told = ProjectsChanged.model_validate_json(message.body)
        except ValidationError:
            _log.warning("update.unreadable")
            return
        self._hub.changed(told.changes)
