"""What a source is turned into before the scenes get their ids."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.messages.script import Card


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneDraft:
    """A scene without its id, within all limits of the contract."""

    narration: str
    heading: str
    card: Card


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``scene`` makes the scene at a position; it is called once each, in order."""

    title: str
    scenes: int
    scene: Callable[[int], SceneDraft]
    draft: bool = False
