"""What can become of a dead letter, read from its body alone. Pure."""

import json
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from shared.messages.catalog import CATALOG
from shared.messages.commands import Command
from shared.messages.facts import Fact, FactBatch
from shared.messages.milestones import Milestone
from shared.messaging.topology import FACTS, FACTS_QUEUE, MILESTONES, milestone_key

_FACT: TypeAdapter[Fact] = TypeAdapter(Fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """A command: its task has failed already, so its run is opened again as a user's retry does."""

    user_id: str
    project_id: UUID
    run_id: UUID

    name: Literal["retry"] = "retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Facts or a milestone: the same bytes are published again; readers drop what they know."""

    exchange: str
    key: str
    type: str
    project_id: UUID
    run_id: UUID

    name: Literal["publish"] = "publish"


def way_of(body: bytes) -> Retry | Again | None:
    """None for what this version can't read to the last item: nobody could take it."""
    try:
        raw: Any = json.loads(body)
        kind = CATALOG.get(raw["type"])
        if kind is None:
            return None
        message = kind.model_validate(raw)
        if isinstance(message, FactBatch):
            return _facts(message)
    except (ValueError, ValidationError, TypeError, KeyError, RecursionError):
        return None
    if isinstance(message, Command):
        meta = message.meta
        return Retry(user_id=meta.user_id, project_id=meta.project_id, run_id=meta.run_id)
    if isinstance(message, Milestone):
        return Again(
            exchange=MILESTONES,
            key=milestone_key(raw["type"]),
            type=raw["type"],
            project_id=message.meta.project_id,
            run_id=message.meta.run_id,
        )
    return None


def _facts(batch: FactBatch) -> Again:
    """Raises ValidationError for a batch with an item that nobody can read."""
    first, *_ = [_FACT.validate_python(item) for item in batch.facts]
    meta = first.meta
    return Again(
        exchange=FACTS,
        key=FACTS_QUEUE,
        type=batch.type,
        project_id=meta.project_id,
        run_id=meta.run_id,
    )
