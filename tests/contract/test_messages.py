"""Stored bodies parse for ever; what a newer sender adds does no harm."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from shared.messages.base import Frozen
from shared.messages.catalog import CATALOG

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))


def parsed(path: Path) -> tuple[type[Frozen], dict[str, Any]]:
    body = json.loads(path.read_text())
    return CATALOG[body["type"]], body


def test_every_message_type_has_a_stored_sample() -> None:
    assert {path.stem for path in SAMPLES} == set(CATALOG)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_stored_body_still_parses_and_means_the_same(path: Path) -> None:
    kind, body = parsed(path)

    again = json.loads(kind.model_validate(body).model_dump_json())

    assert _within(body, again)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_fields_that_a_newer_sender_adds_are_ignored(path: Path) -> None:
    kind, body = parsed(path)
    body["somethingNew"] = {"deep": [1]}
    if "meta" in body:
        body["meta"]["somethingNew"] = 1

    assert kind.model_validate(body) == kind.model_validate(json.loads(path.read_text()))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_message_can_not_be_changed(path: Path) -> None:
    kind, body = parsed(path)
    message = kind.model_validate(body)

    with pytest.raises(ValidationError, match="frozen"):
        message.type = "other"  # type: ignore[attr-defined]


def test_every_type_is_a_noun_a_verb_and_a_major_version() -> None:
    odd = [kind for kind in CATALOG if not re.fullmatch(r"(facts|[a-z]+\.[a-z]+)\.v\d+", kind)]

    assert odd == []


def _within(old: Any, new: Any) -> bool:
    """Everything of the old body is in the new one, unchanged."""
    if isinstance(old, dict):
        return all(key in new and _within(value, new[key]) for key, value in old.items())
    if isinstance(old, list):
        return len(old) == len(new) and all(map(_within, old, new))
    return old == new
