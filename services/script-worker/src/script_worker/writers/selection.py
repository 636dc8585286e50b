"""Which sentences are told: the best that fit the time, of each paragraph one, none dangling."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from script_worker.writers.ranking import Ranked

CLOSE: Final = 0.02  # this near to the wished time is near enough to stop looking
FULL: Final = 1.05  # an article that is no longer than this is told whole
_TRIES: Final = 6
_CANDIDATES: Final = 60
_ROUNDS: Final = 40


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
        """The best of each paragraph; a shorter one if time is short; then fewer paragraphs."""
        options = {
            number: sorted({self._with(i) for i in members}, key=self._worth, reverse=True)
            for number, members in self._members.items()
        }
        taken = {number: choices[0] for number, choices in options.items()}
        spare = self._time(i for group in taken.values() for i in group) - self._budget
        while spare > 0:
            number, group = self._shorter(options, taken)
            if not group:
                break
            spare -= self._time(taken[number]) - self._time(group)
            taken[number] = group
        for number in sorted(taken, key=lambda n: (n > 0, self._score(taken[n])))[1:]:
            if spare <= 0:
                break
            spare -= self._time(taken.pop(number))
        self._in = {i for group in taken.values() for i in group}

    def _worth(self, group: frozenset[int]) -> tuple[float, int]:
        return self._score(group) / len(group), -min(group)

    def _shorter(
        self, options: dict[int, list[frozenset[int]]], taken: dict[int, frozenset[int]]
    ) -> tuple[int, frozenset[int]]:
        """The change to a shorter sentence that loses least worth a second."""
        best, least = (0, frozenset[int]()), float("inf")
        for number, now in taken.items():
            for group in options[number]:
                saved = self._time(now) - self._time(group)
                if saved <= 0.2:
                    continue
                loss = (self._worth(now)[0] - self._worth(group)[0]) / saved
                if loss < least:
                    best, least = (number, group), loss
        return best

    def _fill(self) -> None:
        room = self._budget - self._time(self._in)
        for index in sorted(range(len(self._all)), key=lambda i: (-self._all[i].score, i)):
            new = self._with(index) - self._in
            cost = self._time(new)
            if new and cost <= room:
                self._in |= new
                room -= cost

    def _refine(self) -> None:
        """Single changes and swaps, as long as they bring the time nearer to the budget."""
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
        best, best_gain = None, 0.05
        nothing = frozenset[int]()
        news = [nothing, *self._additions()]
        for gone in [nothing, *self._removals()]:
            for new in news:
                if new & gone or (gone and any(self._leant_on(i, gone) for i in new)):
                    continue
                left = gap + self._time(gone) - self._time(new)
                score = self._score(new) - self._score(gone)
                gain = (abs(gap) - abs(left)) + 0.5 * score
                if abs(left) < abs(gap) and gain > best_gain:
                    best, best_gain = (gone, new), gain
        return best

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
