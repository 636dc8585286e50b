"""A script by a language model: asked once, corrected once, checked before it counts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from script_worker.writers import spoken
from script_worker.writers.llm import prompts
from script_worker.writers.llm.chat import Chat, Said
from script_worker.writers.llm.reply import Reading, SceneReply, ScriptReply, read, schema
from script_worker.writers.llm.scanning import SceneCount
from script_worker.writers.port import Progress, Request, Written
from script_worker.writers.revising import revised, scene_of
from script_worker.writers.text import shortened
from script_worker.writers.words import sayable
from shared.artifacts.receipts import Ticket
from shared.errors import StageError
from shared.messages.commands import Revision
from shared.messages.script import Scene, Script, scene_id

TOO_LONG: Final = 1.5  # of the wish: worth a correction
TOO_SHORT: Final = 0.5
LONGEST_TITLE: Final = 200
R = TypeVar("R", ScriptReply, SceneReply)
Check = Callable[[Any], str]


class LlmWriter:
    """Any model that speaks the OpenAI protocol."""

    def __init__(self, chat: Chat) -> None:
        self.engine = chat.terms.engine
        self._chat = chat

    async def write(self, request: Request, *, progress: Progress) -> Written:
        """Two calls at most. Raises StageError ``source_empty``, ``reply_invalid`` (even the
        corrected answer is no script), or what ``Chat.say`` raises.
        """
        if not sayable(request.source.text):
            raise StageError("source_empty", "the source has no words", retryable=False)
        expected = prompts.scenes_wished(request.target_seconds)
        reply, cost = await self._answered(
            request,
            prompts.writing(request),
            ScriptReply,
            check=lambda found: length_problem(found, request),
            heard=_Heard(progress, expected),
        )
        progress(len(reply.scenes), len(reply.scenes))
        scenes = tuple(
            _scene(scene, scene_id(request.task_id, position))
            for position, scene in enumerate(reply.scenes)
        )
        title = shortened(request.title or reply.title, LONGEST_TITLE)
        return Written(script=Script(title=title, scenes=scenes), cost=cost)

    async def revise(self, request: Request, revision: Revision, *, progress: Progress) -> Written:
        """As ``write``, for the one scene; one asked to be shortened is shorter afterwards."""
        scene = scene_of(revision)
        reply, cost = await self._answered(
            request,
            prompts.revising(request, revision, scene),
            SceneReply,
            check=lambda found: revision_problem(found, scene, revision),
            heard=lambda _: None,
        )
        if revision.kind == "shorten" and revision_problem(reply, scene, revision):
            raise StageError("reply_invalid", "the scene did not get shorter", retryable=False)
        progress(1, 1)
        return Written(script=revised(revision, reply.draft()), cost=cost)

    async def _answered(
        self,
        request: Request,
        messages: prompts.Messages,
        kind: type[R],
        *,
        check: Check,
        heard: Callable[[str], None],
    ) -> tuple[R, dict[str, float]]:
        """A valid answer and its cost. What ``check`` finds wrong is worth the one correction too,
        but does not spoil an answer that is still so after it.
        """
        form = self._form(kind)
        first = await self._chat.say(messages, form, ticket=_part(request, "write"), heard=heard)
        reading = _read(first, kind, check)
        if reading.found is not None and not reading.problems:
            return reading.found, first.cost
        again = prompts.repairing(messages, first.text, reading.problems, request.language)
        second = await self._chat.say(
            again, form, ticket=_part(request, "repair"), heard=lambda _: None
        )
        cost = {unit: first.cost.get(unit, 0) + n for unit, n in second.cost.items()}
        found = _read(second, kind, check).found or reading.found
        if found is None:
            problems = "; ".join(_read(second, kind, check).problems)
            raise StageError("reply_invalid", f"cost kept: {cost}; {problems}", retryable=False)
        return found, cost

    def _form(self, kind: type[BaseModel]) -> dict[str, Any]:
        if self._chat.terms.form == "json_object":
            return {"type": "json_object"}
        named = {"name": kind.__name__, "strict": True, "schema": schema(kind)}
        return {"type": "json_schema", "json_schema": named}


class _Heard:
    """Progress while the scenes stream in: told when one more is complete."""

    def __init__(self, progress: Progress, expected: int) -> None:
        self._progress = progress
        self._expected = expected
        self._count = SceneCount()

    def __call__(self, text: str) -> None:
        before = self._count.complete
        for number in range(before + 1, self._count.feed(text) + 1):
            self._progress(number, max(self._expected, number + 1))


def length_problem(found: ScriptReply, request: Request) -> str:
    """Words for a script that is far from the wished length; empty where that plays no part.

    An outline is as long as its author wants; a source that is shorter than the wish may stay so.
    """
    if request.source.kind == "outline":
        return ""
    wish = request.target_seconds
    length = spoken.total(scene.narration for scene in found.scenes)
    if length > TOO_LONG * wish:
        return f"scenes: {length:.0f} s of narration, {wish} s are wished: shorten"
    full = request.source.kind == "topic" or spoken.seconds(request.source.text) >= wish
    if full and length < TOO_SHORT * wish:
        return f"scenes: only {length:.0f} s of narration, {wish} s are wished: tell more"
    return ""


def revision_problem(found: SceneReply, scene: Scene, revision: Revision) -> str:
    before, after = spoken.seconds(scene.narration), spoken.seconds(found.narration)
    if revision.kind == "shorten" and after >= before:
        return f"narration: {after:.0f} s, it was {before:.0f} s: shorten it"
    return ""


def _read(said: Said, kind: type[R], check: Check) -> Reading[R]:
    reading = read(said.text, kind)
    if reading.found is None:
        cut = ("the answer was cut off before its end",) if said.finish != "stop" else ()
        return replace(reading, problems=cut + reading.problems)
    problem = check(reading.found)
    return replace(reading, problems=(problem,) if problem else ())


def _part(request: Request, part: str) -> Ticket | None:
    return request.ticket and replace(request.ticket, part=part)


def _scene(reply: SceneReply, identity: Any) -> Scene:
    draft = reply.draft()
    return Scene(id=identity, narration=draft.narration, heading=draft.heading, card=draft.card)
