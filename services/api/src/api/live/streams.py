"""Server-sent events (WHATWG HTML, section 9.2): snapshot first, then each change, and a sign of
life.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.types import Message, Receive, Scope, Send

from api.auth import User
from api.live.hub import Hub
from api.live.subscription import Subscription
from api.status import Told

RETRY_MS: Final = 2_000
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds: between signs of life, and until a reader that takes nothing is dropped."""

    alive_s: float
    slow_s: float


class EventStream(StreamingResponse):
    """Server-sent events to one page; a page that was dropped comes back by itself. Its place is
    free again when this ends, whether or not anything was sent.
    """

    media_type = "text/event-stream"

    def __init__(
        self, hub: Hub, subscription: Subscription, events: AsyncGenerator[bytes, None], pace: Pace
    ) -> None:
        super().__init__(events, headers=_HEADERS)
        self._hub = hub
        self._subscription = subscription
        self._slow_s = pace.slow_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.unsubscribe(self._subscription)

    async def stream_response(self, send: Send) -> None:
        async def bounded(message: Message) -> None:
            async with asyncio.timeout(self._slow_s):
                await send(message)

        with suppress(TimeoutError):
            await super().stream_response(bounded)


def stream(
    hub: Hub, subscription: Subscription, user: User, snapshot: Sequence[Told], pace: Pace
) -> EventStream:
    """Ends when the subscription closes, the caller's token expires, or the reader has gone."""
    events = _events(subscription, user, subscription.seen(snapshot), pace.alive_s)
    return EventStream(hub, subscription, events, pace)


async def _events(
    subscription: Subscription, user: User, news: Sequence[Told], alive_s: float
) -> AsyncGenerator[bytes, None]:
    yield format_sse_event(retry=RETRY_MS)
    while True:
        yield b"".join(map(_event, news)) if news else KEEPALIVE_COMMENT
        if subscription.closed or _expired(user):
            return
        news = await subscription.next(alive_s)


def _event(told: Told) -> bytes:
    return format_sse_event(event=told.event, data_str=told.body.decode(), id=told.etag.strip('"'))


def _expired(user: User) -> bool:
    return user.expires_at is not None and datetime.now(UTC) >= user.expires_at
