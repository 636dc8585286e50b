"""A writer without model or network: it selects, groups and lays out; it invents nothing."""

import asyncio
from typing import Final

from script_worker.writers import article, outline, topic
from script_worker.writers.plan import Plan
from script_worker.writers.port import Progress, Request, Written
from script_worker.writers.revising import revised, scene_of
from script_worker.writers.shortening import shortened_scene
from script_worker.writers.text import shortened
from script_worker.writers.words import sayable
from shared.engines import OFFLINE_WRITER
from shared.errors import StageError
from shared.messages.commands import Article, Outline, Revision
from shared.messages.script import Scene, Script, scene_id

_LONGEST_TITLE: Final = 200
_UNTITLED: Final = "—"


class OfflineWriter:
    """Articles are shortened, outlines are kept whole, topics become a draft to fill in."""

    engine = OFFLINE_WRITER

    async def write(self, request: Request, *, progress: Progress) -> Written:
        if not sayable(request.source.text):
            raise StageError("source_empty", "the source has no words", retryable=False)
        plan = await asyncio.to_thread(_planned, request)
        scenes: list[Scene] = []
        for position in range(plan.scenes):
            draft = await asyncio.to_thread(plan.scene, position)
            scenes.append(
                Scene(
                    id=scene_id(request.task_id, position),
                    narration=draft.narration,
                    heading=draft.heading,
                    card=draft.card,
                )
            )
            progress(position + 1, plan.scenes)
        title = shortened(plan.title, _LONGEST_TITLE) or _UNTITLED
        return Written(script=Script(title=title, scenes=tuple(scenes), draft=plan.draft))

    async def revise(self, _: Request, revision: Revision, *, progress: Progress) -> Written:
        """Shortens by leaving out lesser sentences; to rewrite is beyond it
        (``revision_unsupported``).
        """
        scene = scene_of(revision)
        if revision.kind != "shorten":
            raise StageError(
                "revision_unsupported", f"{self.engine} can't {revision.kind}", retryable=False
            )
        draft = await asyncio.to_thread(shortened_scene, scene)
        progress(1, 1)
        return Written(script=revised(revision, draft))


def _planned(request: Request) -> Plan:
    match request.source:
        case Article():
            plan = article.plan(request)
        case Outline():
            plan = outline.plan(request)
        case _:
            plan = topic.plan(request)
    if plan.scenes == 0:
        raise StageError("source_empty", "the source has no sentence", retryable=False)
    return plan
