"""Which sentences are told: the best that fit the time, of each paragraph one, none dangling."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from typing import Final

from script_worker.writers.ranking import Ranked

CLOSE: Final = 0.02  # this near to the wished time is near enough to stop looking
FAR: Final = 0.03  # from here on a swap is worth a try
FULL: Final = 1.05  # an article that is no longer than this is told whole
DROPPING: Final = 2.5  # a paragraph unheard weighs this much more than the sentence it costs
MISSING: Final = 20.0  # what a share of the time still missing weighs, against scores
_TRIES: Final = 6
_SWAPS: Final = 200
_CANDIDATES: Final = 60
_ROUNDS: Final = 6


def chosen(
    sentences: Sequence[Ranked], wished: float, duration: Callable[[list[int]], float]
) -> list[int]:
    """Places of the sentences to tell, in order. ``duration`` gives the spoken time of a choice.

    Time between scenes depends on how the choice is grouped, so the plan is made for a budget of
    bare sentences, measured, and made again for a corrected one; the nearest to the wish is taken.
    """
    everything = list(range(len(sentences)))
    if duration(everything) <= wished * FULL:
        return everything
    best: list[int] = []
    budget = wished
    for _ in range(_TRIES):
        picked = _Choice(sentences, budget).make()
        off = duration(picked) - wished
        if not best or abs(off) < abs(duration(best) - wished):
            best = picked
        if abs(off) <= CLOSE * wished:
            break
        budget = max(1.0, budget - off)
    return _nudged(sentences, best, wished, duration)


def _nudged(
    sentences: Sequence[Ranked],
    picked: list[int],
    wished: float,
    duration: Callable[[list[int]], float],
) -> list[int]:
    """The choice, or one a swap away from it that comes nearer where it is far from the wish.

    Here the time is the real one, with the air between scenes that no budget foresees.
    """
    off = duration(picked) - wished
    if abs(off) <= FAR * wished:
        return picked
    best = picked
    for swapped in _Choice.of(sentences, picked).swaps(-off)[:_SWAPS]:
        now = duration(swapped) - wished
        if abs(now) < abs(off):
            best, off = swapped, now
        if abs(off) <= CLOSE * wished:
            break
    return best


class _Choice:
    """One plan for a budget of seconds."""

    def __init__(self, sentences: Sequence[Ranked], budget: float) -> None:
        self._all = sentences
        self._budget = budget
        self._in: set[int] = set()
        self._members: defaultdict[int, list[int]] = defaultdict(list)
        for index, sentence in enumerate(sentences):
            self._members[sentence.paragraph].append(index)

    @classmethod
    def of(cls, sentences: Sequence[Ranked], picked: Sequence[int]) -> "_Choice":
        choice = cls(sentences, 0)
        choice._in = set(picked)
        return choice

    def make(self) -> list[int]:
        self._cover()
        self._fill()
        self._refine()
        return sorted(self._in)

    def _time(self, indexes: Iterable[int]) -> float:
        return sum(self._all[i].seconds for i in indexes)

    def _score(self, indexes: Iterable[int]) -> float:
        return sum(self._all[i].score for i in indexes)

    def _with(self, index: int) -> frozenset[int]:
        """The sentence and those it leans on."""
        found = {index}
        while self._all[index].leans and not self._all[index].first:
            index -= 1
            found.add(index)
        return frozenset(found)

    def _without(self, index: int) -> frozenset[int]:
        """The sentence and those that lean on it."""
        found = {index}
        while index + 1 < len(self._all):
            index += 1
            if self._all[index].first or not self._all[index].leans:
                break
            found.add(index)
        return frozenset(found & self._in)

    def _cover(self) -> None:
        """The best of each paragraph. Where time is short, whatever loses least worth a second: a
        shorter sentence of a paragraph, or a whole paragraph but the first.
        """
        options = {
            number: sorted({self._with(i) for i in members}, key=self._worth, reverse=True)
            for number, members in self._members.items()
        }
        taken = {number: choices[0] for number, choices in options.items()}
        spare = self._time(i for group in taken.values() for i in group) - self._budget
        moves = [self._cheapest(number, taken[number], options[number]) for number in taken]
        heapify(moves)
        while spare > 0 and moves:
            loss, number, group = heappop(moves)
            if loss == float("inf"):
                break
            before = self._time(taken.pop(number))
            spare -= before - self._time(group)
            if group:
                taken[number] = group
                heappush(moves, self._cheapest(number, group, options[number]))
        self._in = {i for group in taken.values() for i in group}

    def _worth(self, group: frozenset[int]) -> tuple[float, int]:
        return self._score(group) / len(group), -min(group)

    def _cheapest(
        self, number: int, now: frozenset[int], options: list[frozenset[int]]
    ) -> tuple[float, int, frozenset[int]]:
        """The change of a paragraph's choice that loses least worth a second: to a shorter one, or
        to none. Infinite for the first paragraph when it can't be shorter.
        """
        moves = [
            ((self._worth(now)[0] - self._worth(group)[0]) / saved, number, group)
            for group in options
            if (saved := self._time(now) - self._time(group)) > 0.2
        ]
        last = DROPPING * self._score(now) / self._time(now) if number else float("inf")
        return min([*moves, (last, number, frozenset[int]())], key=lambda move: move[0])

    def _fill(self) -> None:
        room = self._budget - self._time(self._in)
        for index in sorted(range(len(self._all)), key=lambda i: (-self._all[i].score, i)):
            new = self._with(index) - self._in
            cost = self._time(new)
            if new and cost <= room:
                self._in |= new
                room -= cost

    def _refine(self) -> None:
        """Changes and swaps that bring the time near the budget at the least loss of worth."""
        for _ in range(_ROUNDS):
            gap = self._budget - self._time(self._in)
            if abs(gap) <= CLOSE / 2 * self._budget:
                return
            move = self._best_move(gap)
            if move is None:
                return
            gone, new = move
            self._in = (self._in - gone) | new

    def _best_move(self, gap: float) -> tuple[frozenset[int], frozenset[int]] | None:
        best, least = None, float("inf")
        for gone, new in self._moves():
            left = abs(gap + self._time(gone) - self._time(new))
            if left > abs(gap) - 0.05:
                continue
            missing = max(0.0, left / self._budget - CLOSE / 2)
            loss = MISSING * missing + max(0.0, self._score(gone) - self._score(new))
            if loss < least:
                best, least = (gone, new), loss
        return best

    def swaps(self, gap: float) -> list[list[int]]:
        """Other choices, by how near they should bring the time to ``gap`` more than now."""
        found = [
            (abs(gap + self._time(gone) - self._time(new)), sorted((self._in - gone) | new))
            for gone, new in self._moves()
        ]
        return [picked for _, picked in sorted(found) if picked]

    def _moves(self) -> Iterator[tuple[frozenset[int], frozenset[int]]]:
        """Sentences to leave out, and others to take in, that do no harm to what stays."""
        nothing = frozenset[int]()
        news = [nothing, *self._additions()]
        for gone in [nothing, *self._removals()]:
            for new in news:
                if not (new & gone or (gone and any(self._leant_on(i, gone) for i in new))):
                    yield gone, new

    def _leant_on(self, index: int, gone: frozenset[int]) -> bool:
        return bool(self._with(index) & gone)

    def _additions(self) -> list[frozenset[int]]:
        found = {self._with(i) - self._in for i in range(len(self._all)) if i not in self._in}
        return sorted(found, key=lambda group: (-self._score(group), min(group)))[:_CANDIDATES]

    def _removals(self) -> list[frozenset[int]]:
        found = {self._without(i) for i in self._in}
        kept = [group for group in found if self._covers_without(group)]
        return sorted(kept, key=lambda group: (self._score(group), min(group)))[:_CANDIDATES]

    def _covers_without(self, group: frozenset[int]) -> bool:
        number = self._all[min(group)].paragraph
        return any(i in self._in and i not in group for i in self._members[number])
