"""Right-to-left text in lines: UAX 9 without explicit embeddings."""

import unicodedata
from collections.abc import Sequence
from itertools import groupby
from typing import Final, TypeVar

T = TypeVar("T")
_STRONG: Final = {"L": "L", "R": "R", "AL": "R"}


def is_rtl(text: str) -> bool:
    """Whether the first letter that has a direction runs from right to left (rules P2, P3)."""
    for letter in text:
        found = _STRONG.get(unicodedata.bidirectional(letter))
        if found:
            return found == "R"
    return False


def levels(text: str) -> list[int]:
    """Each character's embedding level: odd ones run from right to left."""
    base = 1 if is_rtl(text) else 0
    kinds = _resolved(text, "R" if base else "L")
    return [_level(kind, base) for kind in kinds]


def reordered(items: Sequence[T], of: Sequence[int]) -> list[T]:
    """Items of these levels in the order in which they stand from left to right (rule L2)."""
    pairs = list(zip(of, items, strict=True))
    for level in range(max(of, default=0), 0, -1):
        turned: list[tuple[int, T]] = []
        for high, group in groupby(pairs, key=lambda pair: pair[0] >= level):
            stretch = list(group)
            turned += reversed(stretch) if high else stretch
        pairs = turned
    return [item for _, item in pairs]


def _level(kind: str, base: int) -> int:
    if kind == "N":
        return 2
    if kind == "R":
        return 1
    return 2 if base else 0


def _resolved(text: str, base: str) -> list[str]:
    """``L``, ``R`` or ``N`` (a number among right-to-left text) for each character."""
    kinds, strong = list[str](), base
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in _STRONG:
            strong = _STRONG[kind]
            kinds.append(strong)
        elif kind in {"EN", "AN"}:
            kinds.append("L" if strong == "L" and kind == "EN" else "N")
        elif kind == "NSM" and kinds:
            kinds.append(kinds[-1])
        else:
            kinds.append("")
    return _neutrals(kinds, base)


def _neutrals(kinds: list[str], base: str) -> list[str]:
    """What has no direction takes that of both sides where they agree, else the line's (N1, N2)."""
    sides, before = list[str](), base
    for kind in kinds:
        before = {"N": "R"}.get(kind, kind) or before
        sides.append(before)
    after, done = base, list[str]()
    for kind, left in zip(reversed(kinds), reversed(sides), strict=True):
        if kind:
            after = "R" if kind == "N" else kind
        done.append(kind or (left if left == after else base))
    trailing = len(kinds) - len("".join(kind or " " for kind in kinds).rstrip())
    done.reverse()
    return [*done[: len(done) - trailing], *[base] * trailing]
