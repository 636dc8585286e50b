"""An article shortened to the wished length: its own sentences, in order, in scenes."""

from collections.abc import Sequence
from itertools import groupby

from script_worker.writers import scenes
from script_worker.writers.cards import card, items_card
from script_worker.writers.headings import fits, heading, measured
from script_worker.writers.headings import title as titled
from script_worker.writers.paragraphs import Paragraph, paragraphs
from script_worker.writers.phrases import Keywords
from script_worker.writers.plan import Plan, SceneDraft
from script_worker.writers.port import Request
from script_worker.writers.ranking import Ranked, ranked
from script_worker.writers.scenes import Pace, grouped, narration
from script_worker.writers.selection import chosen
from script_worker.writers.text import one_line, shortened
from shared.messages.script import BarsCard, Card, NumberCard, QuoteCard, TitleCard

_LONGEST_HEADING = 80


def plan(request: Request) -> Plan:
    """Everything but headings and cards, which are made scene by scene."""
    parts = paragraphs(request.source.text)
    sentences = ranked(parts)
    pace = Pace.of(request.target_seconds)
    places = chosen(
        sentences,
        request.target_seconds,
        lambda picked: scenes.duration(sentences, picked, pace),
    )
    groups = grouped(sentences, places, pace) if places else []
    keywords = Keywords.of(sentence.text for sentence in sentences)
    first = parts[0].heading if parts else ""
    given = one_line(request.title or "") or first
    whole = "\n".join(sentence.text for sentence in sentences)
    title = given or (titled(whole, keywords) if sentences else "")
    layout = _Layout(parts, sentences, groups, keywords, title)
    return Plan(title=title, scenes=len(groups), scene=layout.scene)


class _Layout:
    """Heading and card of each scene, made in order so that no heading comes twice."""

    def __init__(
        self,
        parts: Sequence[Paragraph],
        sentences: Sequence[Ranked],
        groups: Sequence[Sequence[int]],
        keywords: Keywords,
        title: str,
    ) -> None:
        self._parts = parts
        self._sentences = sentences
        self._groups = groups
        self._keywords = keywords
        self._title = title
        self._used: list[str] = []

    def scene(self, position: int) -> SceneDraft:
        group = self._groups[position]
        said = narration(self._sentences, group)
        if position == 0:
            head = shortened(self._title, _LONGEST_HEADING)
            shown: Card = TitleCard()
        else:
            shown = self._card(group, said)
            head = self._heading(group, said, shown)
        self._used.append(head)
        return SceneDraft(narration=said, heading=head, card=shown)

    def _heading(self, group: Sequence[int], said: str, shown: Card) -> str:
        """The paragraph's own heading once, then phrases that the card does not show already."""
        own = self._parts[self._sentences[group[0]].paragraph].heading
        if own and own not in self._used and fits(own):
            return own
        if isinstance(shown, BarsCard):
            own = measured(said, shown.bars[0].label)
            if fits(own) and own:
                return own
        doubled = [shown.label] if isinstance(shown, NumberCard) else []
        if isinstance(shown, QuoteCard):
            said = shown.text  # who says it stands on the card
        return heading(said, self._keywords, [*self._used, *doubled])

    def _card(self, group: Sequence[int], said: str) -> Card:
        numbers = [n for n, _ in groupby(self._sentences[place].paragraph for place in group)]
        part = self._parts[numbers[0]]
        if part.listed and len(numbers) == 1 and 2 <= len(group) <= 8:
            items = [self._sentences[place].text.rstrip("。.；;") for place in group]
            return items_card(items, ordered=part.ordered)
        return card(said)
