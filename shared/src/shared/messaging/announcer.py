"""Tells the API's processes which projects a commit has changed."""

import asyncio
from collections.abc import Iterable

import structlog

from shared.errors import NotStoredError, PublishUnknownError
from shared.messages.updates import ProjectChange, ProjectsChanged
from shared.messaging.publisher import Publisher
from shared.messaging.topology import UPDATES

_log = structlog.get_logger()


class Announcer:
    """Says it once and never waits: whoever misses an update looks again within two seconds."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._waiting: dict[object, ProjectChange] = {}
        self._sending: asyncio.Task[None] | None = None

    def tell(self, changes: Iterable[ProjectChange]) -> None:
        """After the commit. While one message is on its way the next ones are gathered."""
        self._waiting |= {change.project_id: change for change in changes}
        if self._waiting and (self._sending is None or self._sending.done()):
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._waiting and self._publisher.is_up:
            message = ProjectsChanged(changes=tuple(self._waiting.values()))
            self._waiting.clear()
            try:
                await self._publisher.publish(
                    UPDATES,
                    "",
                    message.model_dump_json().encode(),
                    kind=message.type,
                    message_id="",
                    mandatory=False,
                    persistent=False,
                )
            except (NotStoredError, PublishUnknownError) as lost:
                _log.debug("updates.lost", count=len(message.changes), reason=str(lost))
        self._waiting.clear()
