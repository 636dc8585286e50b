"""Chosen sentences grouped into scenes: one to three of them, four to twelve seconds, in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Final

from script_worker.writers.openers import counts_on, leans, without_link
from script_worker.writers.ranking import Ranked
from script_worker.writers.spoken import SCENE_SECONDS, seconds
from script_worker.writers.text import joined
from shared.messages.script import MAX_SCENES

SHORTEST: Final = 4.0 - SCENE_SECONDS  # four seconds on the screen
LONGEST: Final = 12.0
MOST_SENTENCES: Final = 3
MOST_CHARACTERS: Final = 1_000
_COMFORTABLE: Final = 45  # scenes; a longer video gets longer scenes instead of more


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a scene may be; a wish of 30 minutes can't be told in twelve-second scenes."""

    longest: float
    sentences: int

    @classmethod
    def of(cls, wished: float) -> "Pace":
        longest = max(LONGEST, wished / _COMFORTABLE)
        return cls(longest, max(MOST_SENTENCES, ceil(longest / 5)))


def duration(sentences: Sequence[Ranked], places: Sequence[int], pace: Pace) -> float:
    """Spoken seconds of a choice once it is grouped."""
    groups = grouped(sentences, places, pace)
    return sum(seconds(narration(sentences, group)) + SCENE_SECONDS for group in groups)


def grouped(sentences: Sequence[Ranked], places: Sequence[int], pace: Pace) -> list[list[int]]:
    """Places a scene. A paragraph begins a scene unless it is tiny or leans on the one before."""
    runs: list[list[int]] = []
    for place in places:
        if runs and sentences[runs[-1][-1]].paragraph == sentences[place].paragraph:
            runs[-1].append(place)
        else:
            runs.append([place])
    groups = [group for run in runs for group in _parts(sentences, run, pace)]
    return _few(sentences, _anchored(sentences, _merged(sentences, groups, pace)))


def narration(sentences: Sequence[Ranked], group: Sequence[int]) -> str:
    """What a scene says. A conjunction whose other half isn't in the scene is dropped."""
    said = without_link(sentences[group[0]].text)
    for before, place in pairwise(group):
        text = sentences[place].text
        said = joined(said, text if place == before + 1 else without_link(text))
    return said


def _time(sentences: Sequence[Ranked], group: Sequence[int]) -> float:
    return sum(sentences[place].seconds for place in group)


def _size(sentences: Sequence[Ranked], group: Sequence[int]) -> int:
    return sum(len(sentences[place].text) + 1 for place in group)


def _parts(sentences: Sequence[Ranked], run: list[int], pace: Pace) -> list[list[int]]:
    """A paragraph in about equal parts, a sentence kept with what it leans on."""
    whole = _time(sentences, run)
    count = max(ceil(whole / pace.longest), ceil(len(run) / pace.sentences))
    parts: list[list[int]] = [[run[0]]]
    for place in run[1:]:
        part = parts[-1]
        time = _time(sentences, part)
        ahead = sentences[place].seconds
        full = time + ahead > pace.longest or len(part) >= pace.sentences
        too_long = _size(sentences, [*part, place]) > MOST_CHARACTERS
        enough = time + ahead / 2 > whole / count and len(parts) < count
        patience = 2.0 if counts_on(sentences[place].text) else 1.5
        bound = sentences[place].leans and time + ahead <= pace.longest * patience
        if too_long or ((full or enough) and not bound):
            parts.append([place])
        else:
            part.append(place)
    return parts


def _merged(sentences: Sequence[Ranked], groups: list[list[int]], pace: Pace) -> list[list[int]]:
    merged: list[list[int]] = []
    for group in groups:
        if merged and _belongs(sentences, merged[-1], group, pace):
            merged[-1] = merged[-1] + group
        else:
            merged.append(list(group))
    return merged


def _anchored(sentences: Sequence[Ranked], groups: list[list[int]]) -> list[list[int]]:
    """No scene opens with a word that leans on the scene before: that one's last sentence moves
    over, or, where it is its only one, the two become one. Below a heading of its own it may stay.
    """
    anchored: list[list[int]] = []
    for group in groups:
        opening = sentences[group[0]]
        loose = bool(anchored) and leans(opening.text) and not opening.headed
        if loose and len(anchored[-1]) > 1 and not leans(sentences[anchored[-1][-1]].text):
            anchored.append([anchored[-1].pop(), *group])
        elif loose and _size(sentences, [*anchored[-1], *group]) <= MOST_CHARACTERS:
            anchored[-1] = [*anchored[-1], *group]
        else:
            anchored.append(group)
    return anchored


def _belongs(sentences: Sequence[Ranked], before: list[int], group: list[int], pace: Pace) -> bool:
    first, second = _time(sentences, before), _time(sentences, group)
    headed = sentences[group[0]].headed
    if headed or _size(sentences, [*before, *group]) > MOST_CHARACTERS:
        return False
    small = len(before) + len(group) <= pace.sentences and first + second <= pace.longest
    leaning = sentences[group[0]].leans and first + second <= pace.longest * 1.3
    return leaning or (small and min(first, second) < SHORTEST)


def _few(sentences: Sequence[Ranked], groups: list[list[int]]) -> list[list[int]]:
    """At most ``MAX_SCENES``, by putting neighbours together evenly."""
    if len(groups) <= MAX_SCENES:
        return groups
    sizes = [_size(sentences, group) for group in groups]
    room = min(MOST_CHARACTERS, max(ceil(sum(sizes) / (MAX_SCENES / 2 - 1)), 1))
    packed: list[list[int]] = [groups[0]]
    used = sizes[0]
    for group, size in zip(groups[1:], sizes[1:], strict=True):
        if used + size <= room:
            packed[-1] = packed[-1] + group
            used += size
        else:
            packed.append(group)
            used = size
    return packed
