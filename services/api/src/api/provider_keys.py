"""Whether providers take their keys, known before a run opens and by calls that cost nothing."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, Literal

import structlog

from api.errors import RefusedError
from shared.messages.commands import VisualKind
from shared.provider_key import KeyRefusedError
from shared.state import Project, Run, TaskState
from shared.wishes import wish_of

_log = structlog.get_logger()
Made = Literal["script", "voice"] | VisualKind
Verdict = Literal["taken", "unknown", "refused"]
ASKING_S: Final = 2.0
REMEMBERED_S: Final[Mapping[Verdict, float]] = {"taken": 300, "unknown": 30, "refused": 5}


class ProviderKey:
    """``ask`` says whether the key is taken, as ``KeyQuestion.taken``. No answer within two seconds
    says nothing about the key: a provider that is away or slow holds nobody up twice in half a
    minute.
    """

    def __init__(
        self, ask: Callable[[], Awaitable[bool]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._alone = asyncio.Lock()
        self._until = -1.0
        self._refused: KeyRefusedError | None = None

    async def look(self) -> None:
        """Asks the provider, unless its last answer still holds."""
        async with self._alone:
            if self._clock() < self._until:
                return
            verdict = await self._asked()
            self._until = self._clock() + REMEMBERED_S[verdict]

    def check(self) -> None:
        """Raises RefusedError when the last look heard that the key is refused."""
        if self._refused is not None:
            raise RefusedError(self._refused.code, self._refused.detail)

    async def _asked(self) -> Verdict:
        self._refused = None
        try:
            async with asyncio.timeout(ASKING_S):
                return "taken" if await self._ask() else "unknown"
        except KeyRefusedError as refused:
            _log.warning("key.refused", detail=refused.detail)
            self._refused = refused
            return "refused"
        except TimeoutError:
            return "unknown"


class ProviderKeys:
    """By what is made with them. ``look`` asks, before a transaction; ``check`` tells inside
    one.
    """

    def __init__(self, by_made: Mapping[Made, ProviderKey] | None = None) -> None:
        self._by_made = by_made or {}

    async def look(self, *made: Made) -> None:
        await asyncio.gather(*(key.look() for key in self._of(made)))

    def check(self, made: Collection[Made]) -> None:
        """Raises RefusedError ``provider_key_refused`` when one of their keys is refused."""
        for key in self._of(made):
            key.check()

    def _of(self, made: Collection[Made]) -> list[ProviderKey]:
        return [key for name, key in self._by_made.items() if name in made]


def to_make(project: Project, run: Run) -> set[Made]:
    """What work is left for; with ``auto_produce`` voices follow the whole script."""
    left = [task for task in run.tasks if task.state is not TaskState.DONE]
    stages = {task.stage for task in left}
    made: set[Made] = {stage for stage in ("script", "voice") if stage in stages}
    if "script" in stages and project.options.auto_produce and run.revise is None:
        made.add("voice")
    waiting = {task.scene_id for task in left if task.stage == "visual"}
    scenes = run.script.scenes if run.script else ()
    wishes = (wish_of(scene.card) for scene in scenes if scene.id in waiting)
    made.update(wish.kind for wish in wishes if wish)
    return made
