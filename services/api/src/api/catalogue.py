"""The refusals that HTTP can answer, each a stable code, out of ``problems.toml``."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from shared.messages.base import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """``title`` says what is wrong, ``action`` what the caller can do, each in both languages."""

    status: int
    title: dict[Language, str]
    action: dict[Language, str]


def _read() -> dict[str, Entry]:
    raw = tomllib.loads(files("api").joinpath("problems.toml").read_text(encoding="utf-8"))
    return {
        code: Entry(
            status=entry["status"],
            title={"en": entry["en"], "zh-CN": entry["zh"]},
            action={"en": entry["en_action"], "zh-CN": entry["zh_action"]},
        )
        for code, entry in raw.items()
    }


CATALOGUE: Final = _read()


def preferred(accept_language: str | None) -> Language:
    """The first of our languages that an Accept-Language header names; English without one."""
    for part in (accept_language or "").split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh-CN"
        if tag.startswith("en"):
            return "en"
    return "en"
