"""A writer without model or network: it selects, groups and lays out; it invents nothing."""

import asyncio
from collections.abc import Callable
from typing import Final

from script_worker.writers import article, outline, topic
from script_worker.writers.plan import Plan
from script_worker.writers.port import Request
from script_worker.writers.text import shortened
from script_worker.writers.words import sayable
from shared.engines import OFFLINE_WRITER
from shared.errors import StageError
from shared.messages.commands import Article, Outline
from shared.messages.script import Scene, Script, scene_id

_LONGEST_TITLE: Final = 200
_UNTITLED: Final = "—"


class OfflineWriter:
    """Articles are shortened, outlines are kept whole, topics become a draft to fill in."""

    engine = OFFLINE_WRITER

    async def write(self, request: Request, *, progress: Callable[[int, int], None]) -> Script:
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
        return Script(
            title=shortened(plan.title, _LONGEST_TITLE) or _UNTITLED,
            scenes=tuple(scenes),
            draft=plan.draft,
        )


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
