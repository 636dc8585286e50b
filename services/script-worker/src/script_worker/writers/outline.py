"""An outline told whole: a scene for each heading, every heading and every point shown and said."""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Final

from script_worker.writers.cards import MOST_ITEMS, card, items_card
from script_worker.writers.headings import heading
from script_worker.writers.markdown import Block, Section, sections
from script_worker.writers.phrases import Keywords
from script_worker.writers.plan import Plan, SceneDraft
from script_worker.writers.port import Request
from script_worker.writers.sentences import split
from script_worker.writers.spoken import seconds
from script_worker.writers.text import joined, one_line, shortened
from script_worker.writers.words import CJK, sayable
from shared.messages.script import (
    MAX_SCENES,
    BarsCard,
    Card,
    ListCard,
    QuoteCard,
    StepsCard,
    TitleCard,
)

LONGEST_HEADING: Final = 80
LONGEST_ITEM: Final = 200
_LONGEST_NARRATION: Final = 1_000
_LONGEST_SCENE: Final = 20.0  # seconds of prose under one heading before it is split
_ENDS: Final = "。！？!?.…;；:："


def plan(request: Request) -> Plan:
    """The wished length plays no part: an outline says what its author wants said."""
    found = sections(request.source.text)
    keywords = Keywords.of(_texts(found))
    top = [section for section in found if section.level == 1]
    own_title = top[0] if len(top) == 1 and top[0] is found[0] else None
    drafts = [draft for s in found for draft in _drafts(s, keywords, is_title=s is own_title)]
    drafts = _few(drafts)
    given = one_line(request.title or "")
    title = (
        given
        or next((s.title for s in found if s.title), "")
        or (drafts[0].heading if drafts else "")
    )
    return Plan(title=title, scenes=len(drafts), scene=drafts.__getitem__)


def _texts(found: Sequence[Section]) -> list[str]:
    texts = [section.title for section in found]
    return texts + [part for section in found for block in section.blocks for part in block.parts]


def _drafts(section: Section, keywords: Keywords, *, is_title: bool) -> Iterator[SceneDraft]:
    """The scenes of one section; the first of them says the heading."""
    opening = _sentence(section.title)
    shown = shortened(section.title, LONGEST_HEADING)
    told = [told for block in _with_lead(section.blocks) for told in _told(block)]
    if not told or (is_title and told[0][1].kind != "title"):
        told.insert(0, ("", TitleCard()))
    for narration, shown_card in told:
        said = joined(opening, narration)
        opening = ""
        yield from _bounded(said, shown or heading(said, keywords), shown_card)


def _with_lead(blocks: Sequence[Block]) -> Iterator[tuple[str, Block]]:
    """A short paragraph is told with the points below it; everything else by itself."""
    lead = ""
    for at, block in enumerate(blocks):
        following = blocks[at + 1].kind if at + 1 < len(blocks) else "text"
        if (
            block.kind == "text"
            and following != "text"
            and seconds(block.parts[0]) < _LONGEST_SCENE / 2
        ):
            lead = joined(lead, _sentence(block.parts[0]))
            continue
        yield lead, block
        lead = ""


def _told(led: tuple[str, Block]) -> Iterator[tuple[str, Card]]:
    """Narration and card of each scene of a block."""
    lead, block = led
    if block.kind == "quote":
        whole = ""
        for part in block.parts:
            whole = joined(whole, part)
        words, source = _attributed(block.parts)
        quote = QuoteCard(text=shortened(words, 300), source=shortened(source, 80))
        yield joined(lead, _sentence(whole)), quote
    elif block.kind == "text":
        for part in _prose(block.parts[0]):
            yield joined(lead, part), card(part)
            lead = ""
    else:
        for items in _even(block.parts):
            shown = [shortened(item, LONGEST_ITEM) for item in items]
            said = lead
            for item in items:
                said = joined(said, _sentence(item))
            yield said, items_card(shown, ordered=block.kind == "steps")
            lead = ""


def _attributed(lines: Sequence[str]) -> tuple[str, str]:
    """A quote and who said it, where its last line begins with a dash."""
    last = lines[-1]
    if len(lines) > 1 and last[0] in "-—–" and sayable(last):
        return " ".join(lines[:-1]), last.lstrip("-—– ")
    return " ".join(lines), ""


def _prose(text: str) -> Iterator[str]:
    """A paragraph in parts of whole sentences, none much longer than a scene should be."""
    part = ""
    for sentence in split(text) or [text]:
        if part and seconds(part) + seconds(sentence) > _LONGEST_SCENE:
            yield part
            part = ""
        part = joined(part, sentence)
    yield _sentence(part)


def _sentence(text: str) -> str:
    """``text`` with a stop behind it, so that a voice pauses there."""
    if not text or text.rstrip("”’」』\"')）")[-1:] in _ENDS:
        return text
    return text + ("。" if CJK.search(text) else ".")


def _even(items: Sequence[str]) -> Iterator[Sequence[str]]:
    size = ceil(len(items) / ceil(len(items) / MOST_ITEMS))
    for at in range(0, len(items), size):
        yield items[at : at + size]


def _bounded(narration: str, head: str, shown: Card) -> Iterator[SceneDraft]:
    """One scene; where the narration is too long for one, its sentences in several."""
    if len(narration) <= _LONGEST_NARRATION:
        yield SceneDraft(narration=narration, heading=head, card=shown)
        return
    part = ""
    for sentence in split(narration):
        if part and len(part) + len(sentence) + 1 > _LONGEST_NARRATION:
            yield SceneDraft(narration=part, heading=head, card=shown)
            part = ""
        part = joined(part, sentence)
    yield SceneDraft(narration=part, heading=head, card=shown)


def _few(drafts: list[SceneDraft]) -> list[SceneDraft]:
    """At most ``MAX_SCENES``: neighbours told together, their headings and points in one list."""
    if len(drafts) <= MAX_SCENES:
        return drafts
    size = sum(len(draft.narration) + 1 for draft in drafts)
    room = min(_LONGEST_NARRATION, ceil(size / (MAX_SCENES / 2 - 1)))
    packed: list[list[SceneDraft]] = [[drafts[0]]]
    for draft in drafts[1:]:
        used = sum(len(d.narration) + 1 for d in packed[-1])
        if used + len(draft.narration) <= room:
            packed[-1].append(draft)
        else:
            packed.append([draft])
    return [_together(group) for group in packed]


def _together(group: Sequence[SceneDraft]) -> SceneDraft:
    if len(group) == 1:
        return group[0]
    narration = ""
    items: list[str] = []
    for draft in group:
        narration = joined(narration, draft.narration)
        items += [
            item for item in (draft.heading, *_shown(draft.card)) if item and item not in items
        ]
    size = ceil(len(items) / MOST_ITEMS)
    rows = [" · ".join(items[at : at + size]) for at in range(0, len(items), size)]
    shown: Card = ListCard(items=tuple(rows)) if rows else TitleCard()
    return SceneDraft(narration=narration, heading=group[0].heading, card=shown)


def _shown(shown: Card) -> list[str]:
    match shown:
        case ListCard() | StepsCard():
            return list(shown.items)
        case BarsCard():
            return [f"{bar.label} {bar.value:g}{shown.unit}" for bar in shown.bars]
        case QuoteCard():
            return [shown.text]
        case _:
            return []
