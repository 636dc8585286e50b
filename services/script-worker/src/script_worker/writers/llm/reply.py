"""What a model must answer: the shape it is told, and the check of what it said."""

import json
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from script_worker.writers.plan import SceneDraft
from script_worker.writers.text import one_line, printable
from script_worker.writers.words import sayable
from shared.messages.script import MAX_SCENES, DrawnCard, PictureCard, TitleCard

_MOST_PROBLEMS: Final = 12
_KEPT: Final = frozenset(
    {"type", "properties", "items", "enum", "const", "anyOf", "$ref", "$defs", "description"}
)


class SceneReply(BaseModel):
    """One scene, as a model writes it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    heading: str = Field(default="", max_length=80)
    narration: str = Field(min_length=1, max_length=1_000)
    card: Annotated[DrawnCard, Field(discriminator="kind")] = Field(default_factory=TitleCard)

    def draft(self) -> SceneDraft:
        """A picture costs money: only the user asks for one."""
        card = self.card
        if isinstance(card, PictureCard):
            card = PictureCard(caption=card.caption)
        return SceneDraft(
            narration=one_line(self.narration), heading=one_line(self.heading), card=card
        )


class ScriptReply(BaseModel):
    """A whole script, as a model writes it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    title: str = Field(min_length=1, max_length=200)
    scenes: tuple[SceneReply, ...] = Field(min_length=1, max_length=MAX_SCENES)


R = TypeVar("R", ScriptReply, SceneReply)


@dataclass(frozen=True, kw_only=True)
class Reading(Generic[R]):
    """What was understood of an answer; ``problems`` in words that a model can act on."""

    found: R | None
    problems: tuple[str, ...] = ()


def read(text: str, kind: type[R]) -> Reading[R]:
    """The answer as ``kind``, whatever stands around its JSON."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return Reading(found=None, problems=("the answer holds no JSON object",))
    try:
        said = kind.model_validate_json(text[start : end + 1])
        found = kind.model_validate(_printable(said.model_dump()))
    except ValidationError as wrong:
        return Reading(found=None, problems=_problems(wrong))
    scenes = found.scenes if isinstance(found, ScriptReply) else (found,)
    mute = [n for n, scene in enumerate(scenes) if not sayable(scene.narration)]
    if mute:
        problem = f"scenes.{mute[0]}.narration: there is nothing to read aloud"
        return Reading(found=None, problems=(problem,))
    return Reading(found=found)


def _printable(node: object) -> object:
    """Models have been seen to say control characters, NUL among them, which no database takes."""
    if isinstance(node, str):
        return printable(node)
    if isinstance(node, dict):
        return {name: _printable(value) for name, value in cast("dict[str, object]", node).items()}
    if isinstance(node, list | tuple):
        return [_printable(value) for value in cast("list[object]", node)]
    return node


def _problems(wrong: ValidationError) -> tuple[str, ...]:
    found = [
        f"{'.'.join(map(str, error['loc'])) or 'JSON'}: {error['msg']}" for error in wrong.errors()
    ]
    return tuple(found[:_MOST_PROBLEMS])


def schema(kind: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of ``kind`` in the dialect of strict structured output: every field
    required, none beyond, no limits of length (those stand in the prompt).
    """
    return cast("dict[str, Any]", _strict(kind.model_json_schema()))


def _strict(node: object) -> object:
    if isinstance(node, list):
        return [_strict(item) for item in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    plain = cast("dict[str, object]", node)
    found: dict[str, object] = {}
    for said, value in plain.items():
        name = "anyOf" if said == "oneOf" else said
        if name in {"properties", "$defs"}:
            inner = cast("dict[str, object]", value)
            found[name] = {key: _strict(item) for key, item in inner.items()}
        elif name in _KEPT:
            found[name] = _strict(value)
    if "properties" in plain:
        found["required"] = list(cast("dict[str, object]", plain["properties"]))
        found["additionalProperties"] = False
    return found


def schema_text(kind: type[BaseModel]) -> str:
    """The schema for a prompt, where the provider can't be given it otherwise."""
    return json.dumps(schema(kind), ensure_ascii=False, separators=(",", ":"))
