"""Facts: what a worker states about a task. They travel in batches (``FactBatch``)."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.messages.base import FactMeta, Frozen
from shared.messages.manifest import Manifest
from shared.messages.script import Script


class Note(Frozen):
    """A progress message as a code of ``shared.progress`` and its parameters."""

    code: str
    params: dict[str, str | int] = Field(default_factory=dict)


class TaskStarted(Frozen):
    type: Literal["task.started.v1"] = "task.started.v1"
    meta: FactMeta


class TaskProgressed(Frozen):
    """``percent`` of this task, 0–100; without change it is a sign of life."""

    type: Literal["task.progressed.v1"] = "task.progressed.v1"
    meta: FactMeta
    percent: float = Field(ge=0, le=100)
    note: Note | None = None


class TaskFailed(Frozen):
    """``code`` is a stable code of ``shared.errors``; ``retryable`` says whether the same inputs
    may yet succeed. ``charge`` and ``cost``, of all paid calls of the task, those of its earlier
    attempts too: "not charged", "charged" or "unknown", and units of the provider; None where there
    was no such call. What failed at a cost is told by every run that meets it again.
    """

    type: Literal["task.failed.v1"] = "task.failed.v1"
    meta: FactMeta
    code: str
    detail: str = Field(default="", max_length=2_000)
    retryable: bool
    charge: str | None = None
    cost: dict[str, float] | None = None


class ScriptWritten(Frozen):
    type: Literal["script.written.v1"] = "script.written.v1"
    meta: FactMeta
    manifest: Manifest
    script: Script


class VoiceRecorded(Frozen):
    type: Literal["voice.recorded.v1"] = "voice.recorded.v1"
    meta: FactMeta
    manifest: Manifest


class VisualMade(Frozen):
    type: Literal["visual.made.v1"] = "visual.made.v1"
    meta: FactMeta
    manifest: Manifest


class ClipRendered(Frozen):
    type: Literal["clip.rendered.v1"] = "clip.rendered.v1"
    meta: FactMeta
    manifest: Manifest


class VideoAssembled(Frozen):
    type: Literal["video.assembled.v1"] = "video.assembled.v1"
    meta: FactMeta
    manifest: Manifest


Result = ScriptWritten | VoiceRecorded | VisualMade | ClipRendered | VideoAssembled
Fact = Annotated[
    TaskStarted | TaskProgressed | TaskFailed | Result,
    Field(discriminator="type"),
]


class FactBatch(Frozen):
    """Many facts in one message. Items stay raw here: the projector parses them singly, so that a
    bad one harms no other.
    """

    type: Literal["facts.v1"] = "facts.v1"
    facts: tuple[dict[str, Any], ...] = Field(min_length=1)


def batch_of(facts: Iterable[Fact]) -> bytes:
    """A ``FactBatch`` as it travels, from the facts' own JSON: by way of dicts it costs three times
    as much.
    """
    items = ",".join(fact.model_dump_json() for fact in facts)
    return f'{{"type":"facts.v1","facts":[{items}]}}'.encode()
