"""What one open page has not seen yet: the newest status of each project, nothing older."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from api.status import Told


class Subscription:
    """Bounded by itself: a newer status takes the older one's place, so a slow reader costs one
    status a project. ``project_id`` None means all projects of the user.
    """

    def __init__(self, *, user_id: str, project_id: UUID | None) -> None:
        self.user_id = user_id
        self.project_id = project_id
        self.closed = False
        self._waiting: dict[UUID, Told] = {}
        self._given: dict[UUID, Told] = {}
        self._wake = asyncio.Event()

    def offer(self, told: Told) -> None:
        """Kept until it is taken; what the page has already, or what is older, is not offered."""
        given = self._given.get(told.project_id)
        if given is not None and told.version < given.version and not told.is_farewell:
            return
        if given is not None and told.etag == given.etag:
            self._waiting.pop(told.project_id, None)
            return
        self._waiting[told.project_id] = told
        self._wake.set()

    def seen(self, snapshot: Sequence[Told]) -> Sequence[Told]:
        """Marks what the page gets as its beginning, and answers it. Something newer that was
        offered meanwhile still waits.
        """
        for told in snapshot:
            self._given[told.project_id] = told
            waiting = self._waiting.get(told.project_id)
            if waiting is None or waiting.is_farewell:
                continue
            if waiting.etag == told.etag or waiting.version < told.version:
                del self._waiting[told.project_id]
        return snapshot

    def close(self) -> None:
        self.closed = True
        self._wake.set()

    async def next(self, seconds: float) -> list[Told]:
        """What is new, in one piece; empty after ``seconds`` without news, or when closed."""
        if not self._waiting and not self.closed:
            try:
                async with asyncio.timeout(seconds):
                    await self._wake.wait()
            except TimeoutError:
                return []
        self._wake.clear()
        taken = list(self._waiting.values())
        self._waiting.clear()
        self._given |= {told.project_id: told for told in taken}
        return taken
