"""Publishing: persistent, confirmed, mandatory, and bounded in time."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractRobustChannel, AbstractRobustConnection
from aio_pika.exceptions import AMQPError, DeliveryError, PublishError

from shared.errors import NotStoredError, PublishUnknownError, StoppedError
from shared.messaging.topology import declare_all
from shared.runtime.pausing import paused

HEARTBEAT_S = 15
_CANARY_S = 1.5
_MODES = {True: aio_pika.DeliveryMode.PERSISTENT, False: aio_pika.DeliveryMode.NOT_PERSISTENT}
_log = structlog.get_logger()


class Publisher:
    """A connection of its own for publishing: a blocked one must not hold acks and heartbeats
    back.
    """

    def __init__(
        self, url: str, *, name: str, timeout_s: float = 10, stop: asyncio.Event | None = None
    ) -> None:
        """Entering waits for the broker; ``stop`` ends that wait with StoppedError."""
        self._url = url
        self._name = name
        self._timeout_s = timeout_s
        self._stop = stop or asyncio.Event()
        self._connection: AbstractRobustConnection | None = None
        self._channel: AbstractRobustChannel | None = None
        self._declaring = asyncio.Lock()
        self._canary: asyncio.Task[bool] | None = None

    async def __aenter__(self) -> Self:
        self._connection = await self._connected()
        channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
        self._channel = channel  # pyright: ignore[reportAttributeAccessIssue]  (robust connections open robust channels)
        await declare_all(channel)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._canary is not None:
            self._canary.cancel()
        if self._connection is not None:
            await self._connection.close()

    async def publish(  # noqa: PLR0913  (what AMQP wants to know of a message)
        self,
        exchange: str,
        key: str,
        body: bytes,
        *,
        kind: str,
        message_id: str,
        correlation_id: str = "",
        mandatory: bool = True,
        persistent: bool = True,
    ) -> None:
        """Returns when the broker has the message (on disk, if ``persistent``).

        Raises NotStoredError when it surely has not, PublishUnknownError when nobody can know:
        publish again, the readers drop repeats.
        """
        channel = self._channel
        if channel is None or channel.is_closed or self._connection is None or not self.is_up:
            raise NotStoredError("no connection to the broker")
        message = aio_pika.Message(
            body,
            content_type="application/json",
            delivery_mode=_MODES[persistent],
            message_id=message_id or None,
            type=kind,
            correlation_id=correlation_id,
            app_id=self._name,
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                target = await channel.get_exchange(exchange, ensure=False)
                await target.publish(message, key, mandatory=mandatory)
        except (DeliveryError, PublishError) as refused:
            await self._declared_anew(channel)
            raise NotStoredError(f"{exchange} refused {kind}: {refused}") from refused
        except asyncio.CancelledError as cut:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise PublishUnknownError("the connection went away") from cut
        except (TimeoutError, AMQPError, OSError, RuntimeError) as lost:
            raise PublishUnknownError(repr(lost)) from lost

    async def _declared_anew(self, channel: AbstractChannel) -> None:
        """A message that no queue takes: somebody may have deleted its queue."""
        if self._declaring.locked():
            return
        async with self._declaring:
            with suppress(TimeoutError, AMQPError, OSError, RuntimeError):
                async with asyncio.timeout(self._timeout_s):
                    await declare_all(channel)

    async def _connected(self) -> AbstractRobustConnection:
        """A connection that comes back by itself."""
        pause = 0.2
        while not self._stop.is_set():
            try:
                return await aio_pika.connect_robust(
                    self._url,
                    heartbeat=HEARTBEAT_S,
                    reconnect_interval=1,
                    client_properties={"connection_name": f"{self._name} publishes"},
                )
            except (OSError, AMQPError) as away:
                _log.warning("broker.away", reason=repr(away))
                await paused(self._stop, pause)
                pause = min(pause * 2, 1)
        raise StoppedError

    async def publishes(self) -> bool:
        """Whether the broker confirms a message now: an open connection proves nothing, since one
        that is blocked (memory or disk alarm) or cut off looks the same.
        """
        if self._canary is None or self._canary.done():
            self._canary = asyncio.create_task(self._sing())
        done, _ = await asyncio.wait({self._canary}, timeout=_CANARY_S)
        return bool(done) and self._canary.result()

    async def _sing(self) -> bool:
        """To no queue. At most one is on its way, so that none pile up in a blocked connection."""
        channel = self._channel
        if channel is None or channel.is_closed or not self.is_up:
            return False
        message = aio_pika.Message(b"", delivery_mode=_MODES[False], app_id=self._name)
        try:
            await channel.default_exchange.publish(message, "nobody", mandatory=False)
        except (AMQPError, OSError, RuntimeError, asyncio.CancelledError):
            return False
        return True

    async def depth(self, queue: str) -> tuple[int, int]:
        """(messages ready, consumers) of a queue, as the broker says; raises when it is away."""
        if self._connection is None:
            raise NotStoredError("no connection to the broker")
        channel = await self._connection.channel()
        try:
            declared = await channel.declare_queue(queue, passive=True)
            result = declared.declaration_result
            return result.message_count or 0, result.consumer_count or 0
        finally:
            await channel.close()

    async def consumed(self, queues: Sequence[str]) -> bool:
        """The broker itself says that each queue has a consumer: a connection alone proves
        nothing.
        """
        return all([(await self.depth(queue))[1] for queue in queues])

    @property
    def is_up(self) -> bool:
        """Whether the connection is open now."""
        connection = self._connection
        return connection is not None and connection.connected.is_set()
