"""Facts out of messages, and what nobody can read. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError

from shared.messages.facts import Fact, FactBatch

_FACT: TypeAdapter[Fact] = TypeAdapter(Fact)
ByProject = Mapping[UUID, Sequence[Fact]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A message, or an item of one, that nobody can read or apply."""

    body: bytes
    reason: str
    queue: str
    type: str | None = None
    headers: dict[str, Any] = field(default_factory=dict[str, Any])


class _GoodBatch(FactBatch):
    """One whose items can all be read."""

    facts: tuple[Fact, ...] = Field(min_length=1)  # pyright: ignore[reportIncompatibleVariableOverride]


def parsed(body: bytes, queue: str) -> tuple[list[Fact], list[Bad]]:
    """The facts of one message: at once where all are good, else singly, so that a bad one harms no
    other.
    """
    with suppress(ValidationError):
        return list(_GoodBatch.model_validate_json(body).facts), []
    try:
        batch = FactBatch.model_validate_json(body)
    except ValidationError as error:
        return [], [Bad(body=body, reason=_reason(error), queue=queue)]
    facts: list[Fact] = []
    bad: list[Bad] = []
    for item in batch.facts:
        try:
            facts.append(_FACT.validate_python(item))
        except ValidationError as error:
            raw = FactBatch(facts=(item,)).model_dump_json().encode()
            bad.append(
                Bad(body=raw, reason=_reason(error), queue=queue, type=str(item.get("type")))
            )
    return facts, bad


def by_project_of(facts: Iterable[Fact]) -> dict[UUID, list[Fact]]:
    found: dict[UUID, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[fact.meta.project_id].append(fact)
    return found


def parts_of(facts: Iterable[Fact], size: int) -> list[list[Fact]]:
    """The facts in parts of some ``size``, all of a project in one: parts may be applied side by
    side.
    """
    parts: list[list[Fact]] = []
    for own in by_project_of(facts).values():
        if not parts or len(parts[-1]) >= size:
            parts.append([])
        parts[-1] += own
    return parts


def _reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
