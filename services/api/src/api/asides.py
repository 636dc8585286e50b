"""Previews and samples: asked for once, answered by what the artifact store has meanwhile.

A row is one question of one user. Workers know no database: what they made, or why they could not,
lies in the store, and is written into the row by whoever looks.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, func, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.auth import User
from api.errors import RefusedError
from api.idempotency import Answer
from shared.artifacts.store import ArtifactStore
from shared.asking import PATIENCE, aside_id
from shared.engines import Engines
from shared.messages.asides import PreviewScene, SampleVoice
from shared.messages.base import Language
from shared.messages.manifest import Manifest
from shared.messaging.topology import ASIDES_QUEUE, COMMANDS
from shared.progress import failure_text
from shared.store import aggregate, outbox, tables
from shared.store.engine import autocommit
from shared.store.outbox import Letter

_A = tables.asides
_OPEN: Final = and_(_A.c.manifest.is_(None), _A.c.error.is_(None))
# A worker may be at it to the last moment: only then it is called lost.
_GRACE: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``command`` builds the message for the moment at which it is asked; ``view`` is the answer
    on the wire, for a manifest or for None: not yet.
    """

    key: str
    project_id: UUID | None
    command: Callable[[datetime], PreviewScene | SampleVoice]
    view: Callable[[Manifest | None], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asides:
    """Where asides are asked for. ``most``: of one user at a time."""

    engine: AsyncEngine
    artifacts: ArtifactStore
    engines: Engines
    most: int

    async def settle(self, user: User) -> None:
        """Writes down what has come of the user's open questions."""
        late = _A.c.asked_at < func.now() - (PATIENCE + _GRACE)  # by the clock that set it
        query = select(_A.c.key, _A.c.asked_at, late).where(_A.c.user_id == user.id, _OPEN)
        async with autocommit(self.engine) as conn:
            rows = (await conn.execute(query)).all()
        for key, asked_at, is_late in rows:
            values = await self._outcome(user, key, asked_at, late=is_late)
            if values:
                same = and_(_A.c.user_id == user.id, _A.c.key == key, _A.c.asked_at == asked_at)
                async with self.engine.begin() as conn:
                    await conn.execute(update(_A).where(same, _OPEN).values(**values))

    async def _outcome(
        self, user: User, key: str, asked_at: datetime, *, late: bool
    ) -> dict[str, Any]:
        manifest = await self.artifacts.find(key)
        if manifest is not None:
            return {"manifest": manifest.model_dump(mode="json")}
        failed = await self.artifacts.failure_of(aside_id(user.id, key, asked_at))
        if failed is None and late:
            failed = {"code": "preview_lost", "detail": ""}
        return {"error": failed} if failed else {}

    async def state(self, user: User, question: Question, language: Language) -> Answer:
        """What has come of it: 200 or 202; raises RefusedError when it failed or was not asked."""
        await self.settle(user)
        async with autocommit(self.engine) as conn:
            row = await _row(conn, user, question.key)
        if row is None:
            raise RefusedError("preview_not_found")
        if row.error is not None:
            code = row.error["code"]
            raise RefusedError("preview_failed", failure_text(code, language), reason=code)
        return _answer(question, row.manifest and Manifest.model_validate(row.manifest))


class Order:
    """One question, asked. ``look`` comes before the transaction, ``place`` is in it."""

    def __init__(
        self, asides: Asides, user: User, asked: Callable[[], Awaitable[Question]]
    ) -> None:
        self._asides = asides
        self._user = user
        self._asked = asked
        self._question: Question | None = None
        self._found: Manifest | None = None

    async def look(self) -> None:
        self._question = await self._asked()
        await self._asides.settle(self._user)
        self._found = await self._asides.artifacts.find(self._question.key)

    async def place(self, conn: AsyncConnection) -> Answer:
        """The same while it is being made is the same question; after a failure it is another."""
        question = self._question
        if question is None:
            raise RefusedError("internal")
        alone = func.hashtextextended(f"asides of {self._user.id}", 0)
        await conn.execute(select(func.pg_advisory_xact_lock(alone)))
        row = await _row(conn, self._user, question.key)
        making = row is not None and row.manifest is None and row.error is None
        if self._found is None and not making:
            await self._within_limit(conn)
        if self._found is not None or not making:
            await self._write(conn, question)
        return _answer(question, self._found)

    async def _write(self, conn: AsyncConnection, question: Question) -> None:
        now = await aggregate.now(conn)
        found = null() if self._found is None else self._found.model_dump(mode="json")
        values = {"asked_at": now, "manifest": found, "error": null()}
        values |= {"project_id": question.project_id}
        row = insert(_A).values(user_id=self._user.id, key=question.key, **values)
        same = ["user_id", "key"]
        await conn.execute(row.on_conflict_do_update(index_elements=same, set_=values))
        if self._found is None:
            await outbox.append(conn, [Letter(COMMANDS, ASIDES_QUEUE, question.command(now))])

    async def _within_limit(self, conn: AsyncConnection) -> None:
        query = select(func.count()).where(_A.c.user_id == self._user.id, _OPEN)
        if (await conn.execute(query)).scalar_one() >= self._asides.most:
            raise RefusedError("too_many_previews", f"{self._asides.most} are being made already")


async def _row(conn: AsyncConnection, user: User, key: str) -> Any:
    query = select(_A).where(_A.c.user_id == user.id, _A.c.key == key)
    return (await conn.execute(query)).one_or_none()


def _answer(question: Question, manifest: Manifest | None) -> Answer:
    return Answer(status=202 if manifest is None else 200, body=question.view(manifest))
