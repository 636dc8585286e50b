"""How much each sentence matters: TextRank over its words, weighed by its place and kind."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log
from typing import Final

from script_worker.writers.openers import counts, counts_on, leans, links
from script_worker.writers.paragraphs import Paragraph
from script_worker.writers.spoken import seconds
from script_worker.writers.words import content

LEAD: Final = 1.35
NUMBER: Final = 1.25
LEANING: Final = 0.7
SHORT: Final = 0.7
QUESTION: Final = 0.8
CLOSING: Final = 0.8  # a paragraph's last sentence rounds off more often than it informs

_DAMPING: Final = 0.85
_ROUNDS: Final = 30
_LONGEST_CHAIN: Final = 5
_COMMON: Final = 64  # a word in more sentences than this tells none of them apart
_NUMBER: Final = re.compile(
    r"\d|百分之|分之[一二三四五六七八九]|[二三四五六七八九十两]倍|[一二三四五六七八九两半]成"
    r"|[一二三四五六七八九十百千万亿两几]{2,}"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty"
    r"|half|third|fifth|quarter|tenth|twice|double|hundreds?|thousands?|millions?|billions?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A sentence, its place; ``headed`` by a line above; ``leans`` on the one before."""

    text: str
    paragraph: int
    first: bool
    headed: bool
    seconds: float
    score: float
    leans: bool


def ranked(paragraphs: Sequence[Paragraph]) -> list[Ranked]:
    """All sentences in order, scored around 1."""
    places = [
        (number, at, sentence)
        for number, paragraph in enumerate(paragraphs)
        for at, sentence in enumerate(paragraph.sentences)
    ]
    leaning = _leaning([(at, sentence) for _, at, sentence in places])
    bags = [Counter(content(sentence)) for _, _, sentence in places]
    return [
        Ranked(
            text=sentence,
            paragraph=number,
            first=at == 0,
            headed=at == 0 and bool(paragraphs[number].heading),
            seconds=seconds(sentence),
            score=rank * _weight(sentence, at, bag) * (CLOSING if closing else 1.0),
            leans=leans_here,
        )
        for (number, at, sentence), bag, rank, leans_here, closing in zip(
            places, bags, textrank(bags), leaning, _closing(paragraphs), strict=True
        )
    ]


def _closing(paragraphs: Sequence[Paragraph]) -> list[bool]:
    """Which sentences are the last of a paragraph of three or more."""
    return [
        2 <= at == len(paragraph.sentences) - 1
        for paragraph in paragraphs
        for at in range(len(paragraph.sentences))
    ]


def _leaning(sentences: Sequence[tuple[int, str]]) -> list[bool]:
    """Who leans on the one before; a chain ends at some length, or it would drag everything in."""
    found: list[bool] = []
    chain = 0
    before = ""
    for at, sentence in sentences:
        chain = chain + 1 if _needs(sentence, before) and chain < _LONGEST_CHAIN else 0
        chain = 1 if at == 0 and chain else chain
        found.append(chain > 0)
        before = sentence
    return found


def _needs(sentence: str, before: str) -> bool:
    """A second step needs the first one, whatever its words."""
    return leans(sentence) or (counts_on(sentence) and counts(before))


def textrank(bags: Sequence[Counter[str]]) -> list[float]:
    """Rank by shared words (Mihalcea and Tarau 2004), the mean being about 1."""
    near = _similarities(bags)
    sums = {i: sum(edges.values()) for i, edges in near.items()}
    ranks = [1.0] * len(bags)
    for _ in range(_ROUNDS):
        new = [1 - _DAMPING] * len(bags)
        for i, edges in near.items():
            share = _DAMPING * ranks[i] / sums[i]
            for j, weight in edges.items():
                new[j] += share * weight
        done = max(map(abs, map(float.__sub__, new, ranks)), default=0.0) < 1e-4
        ranks = new
        if done:
            break
    return ranks


def _similarities(bags: Sequence[Counter[str]]) -> Mapping[int, Mapping[int, float]]:
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for index, bag in enumerate(bags):
        for word in bag:
            holders[word].append(index)
    near: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    for word, where in holders.items():
        if len(where) > _COMMON:
            continue
        for i, j in combinations(where, 2):
            length = log(len(bags[i]) + 1) + log(len(bags[j]) + 1)
            weight = min(bags[i][word], bags[j][word]) / length
            near[i][j] += weight
            near[j][i] += weight
    return near


def _weight(sentence: str, at: int, bag: Counter[str]) -> float:
    loose = leans(sentence) or links(sentence)
    weight = LEAD if at == 0 and not loose else 1.0
    if _NUMBER.search(sentence):
        weight *= NUMBER
    if loose:
        weight *= LEANING
    if counts(sentence) and not counts_on(sentence):
        weight *= LEANING  # a first step alone promises what never comes
    if len(bag) < 4:
        weight *= SHORT
    if sentence.rstrip('”"’」')[-1:] in "?？":
        weight *= QUESTION
    return weight
