"""Which project is watched by whom; hints come in, fresh statuses go out.

A hint (``changed``) only says where to look. Whatever was lost is found by ``tick``: every two
seconds, and after the broker has come back, all watched projects are compared with the database in
one statement. So a page is never stuck behind a lost update.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.errors import RefusedError
from api.live.looks import newest_of_users, versions_of
from api.live.subscription import Subscription
from api.status import Told, farewell
from shared.messages.updates import ProjectChange
from shared.store.engine import autocommit, is_away

TICK_S: Final = 2.0
MOST_READ: Final = 500

Read = Callable[[AsyncConnection, Collection[UUID]], Awaitable[dict[UUID, Told]]]
K = TypeVar("K", UUID, str)
_log = structlog.get_logger()


class Hub:
    """One a process. ``run`` is its loop; ``subscribe`` and ``changed`` never wait."""

    def __init__(
        self, engine: AsyncEngine, read: Read, *, most_per_user: int, tick_s: float = TICK_S
    ) -> None:
        self._engine = engine
        self._tick_s = tick_s
        self._read = read
        self._most = most_per_user
        self._of_project: dict[UUID, set[Subscription]] = defaultdict(set)
        self._of_user: dict[str, set[Subscription]] = defaultdict(set)
        self._open: Counter[str] = Counter()
        self._known: dict[UUID, tuple[int, bool, str]] = {}
        self._restless: set[UUID] = set()
        self._dirty: dict[UUID, None] = {}  # in the order of asking: none waits for ever
        self._wake = asyncio.Event()
        self._closed = False

    def subscribe(self, user_id: str, project_id: UUID | None) -> Subscription:
        """To one project (whose owner the caller has checked), or to all of the user's.

        Raises RefusedError ``too_many_streams`` above the user's limit. End it by ``unsubscribe``.
        """
        if self._open[user_id] >= self._most:
            raise RefusedError("too_many_streams", f"{self._most} are open already")
        subscription = Subscription(user_id=user_id, project_id=project_id)
        if self._closed:
            subscription.close()
        self._open[user_id] += 1
        if project_id is None:
            self._of_user[user_id].add(subscription)
        else:
            self._of_project[project_id].add(subscription)
            self.look_at([project_id])
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        user_id, project_id = subscription.user_id, subscription.project_id
        self._open[user_id] -= 1
        if not self._open[user_id]:
            del self._open[user_id]
        if project_id is None:
            _left(self._of_user, user_id, subscription)
        else:
            _left(self._of_project, project_id, subscription)

    @property
    def watching(self) -> int:
        """How many streams and long polls are open."""
        return self._open.total()

    def changed(self, changes: Iterable[ProjectChange]) -> None:
        """Somebody committed something to these projects."""
        self.look_at(
            change.project_id
            for change in changes
            if change.project_id in self._of_project or change.user_id in self._of_user
        )

    def look_at(self, ids: Iterable[UUID]) -> None:
        """These projects are read again, soon and together."""
        self._dirty.update(dict.fromkeys(ids))
        if self._dirty:
            self._wake.set()

    async def tick(self) -> None:
        """Compares what is watched, and what was told of a user's projects, with the database."""
        users = dict.fromkeys(self._of_user)
        for project_id, (_, _, owner) in list(self._known.items()):
            if project_id not in self._of_project and owner not in users:
                self._forget(project_id)
        watched = self._of_project.keys() | self._known.keys()
        async with autocommit(self._engine) as conn:
            found = await versions_of(conn, watched)
            found |= await newest_of_users(conn, list(users))
        known = {project_id: state[:2] for project_id, state in self._known.items()}
        self.look_at(p for p, state in found.items() if known.get(p) != state)
        self.look_at(p for p in known if p not in found)
        self.look_at(self._restless)

    async def run(self) -> None:
        """Until cancelled. While the database is away nothing is lost: the next tick finds it."""
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._tick_forever())
            loops.create_task(self._deliver_forever())

    async def _deliver_forever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while ids := self._taken():
                await self._deliver(ids)

    def close(self) -> None:
        """The process stops: every subscription ends, and new ones end at once."""
        self._closed = True
        for subscriptions in (*self._of_project.values(), *self._of_user.values()):
            for subscription in subscriptions:
                subscription.close()

    def _taken(self) -> list[UUID]:
        ids = list(islice(self._dirty, MOST_READ))
        for project_id in ids:
            del self._dirty[project_id]
        return ids

    async def _deliver(self, ids: list[UUID]) -> None:
        try:
            async with autocommit(self._engine) as conn:
                told = await self._read(conn, ids)
        except Exception as error:
            if not is_away(error):
                raise
            _log.warning("updates.held", reason=repr(error))
            self._restless.update(self._known.keys() & ids)  # so that the next tick looks again
            return
        for project_id in ids:
            self._give(project_id, told.get(project_id))

    def _give(self, project_id: UUID, told: Told | None) -> None:
        watching = self._of_project.get(project_id, set[Subscription]())
        if told is None:
            self._gone(project_id, watching)
            return
        readers = (*watching, *self._of_user.get(told.user_id, ()))
        if not readers:
            self._forget(project_id)
            return
        self._known[project_id] = (told.version, told.stalled, told.user_id)
        (self._restless.add if told.restless else self._restless.discard)(project_id)
        for subscription in readers:
            subscription.offer(told)

    def _gone(self, project_id: UUID, watching: Iterable[Subscription]) -> None:
        known = self._known.get(project_id)
        self._forget(project_id)
        for subscription in list(watching):
            subscription.close()
        if known is not None:
            version, _, owner = known
            for subscription in self._of_user.get(owner, ()):
                subscription.offer(farewell(project_id, owner, version + 1))

    def _forget(self, project_id: UUID) -> None:
        self._known.pop(project_id, None)
        self._restless.discard(project_id)

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(self._tick_s)
            if not (self._of_project or self._of_user):
                continue
            try:
                await self.tick()
            except Exception as error:
                if not is_away(error):
                    raise
                _log.warning("updates.held", reason=repr(error))


def _left(where: dict[K, set[Subscription]], key: K, subscription: Subscription) -> None:
    where[key].discard(subscription)
    if not where[key]:
        del where[key]
