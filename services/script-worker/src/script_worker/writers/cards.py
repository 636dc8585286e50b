"""The card that suits what a scene says, with its data taken from the scene's own words."""

import re
from collections.abc import Sequence
from typing import Final

from script_worker.writers import enumerations, figures
from script_worker.writers.lexicon import PRONOUNS
from script_worker.writers.sentences import clauses
from script_worker.writers.text import shortened
from script_worker.writers.words import is_chinese
from shared.messages.script import (
    BarsCard,
    Card,
    ListCard,
    NumberCard,
    QuoteCard,
    StepsCard,
    TitleCard,
)

MOST_ITEMS: Final = 8
_LONGEST_LABEL: Final = {True: 60, False: 110}  # by whether it is Chinese
_SENTENCE_END: Final = re.compile(r"[。！？!?]|\.\s")
_LONGEST_QUOTE: Final = 300
_QUOTE: Final = re.compile(r"[“「]([^“”「」]{8,300})[”」]|(?<!\w)\"([^\"]{16,300})\"(?!\w)")
_CHINESE_SPEAKER: Final = re.compile(
    r"([^，。！？；：“”、\s]{2,16}?)(?:曾经?|常常?|总是?|也|在[^，。]{1,10}中|对[^，。：]{1,6})*"
    r"(?:说道?|表示|指出|认为|写道|告诉[^，。：]{1,6}|介绍|强调)(?:道|过)?[：:，,]?\s*$"
)
_CHINESE_SPEAKER_AFTER: Final = re.compile(
    r"^[，,]?([^，。！？；：“”、\s]{2,16}?)(?:这样)?(?:说|表示|指出|写道|认为)"
)
_SPEECH: Final = (
    r"(?:said|says|wrote|writes|argued|argues|explained|explains|noted|notes|told|recalls|recalled)"
)
_NAME: Final = (
    r"((?:[A-Z][\w.'’-]+|the|of|de|van|von)"
    r"(?:\s+(?:[A-Z][\w.'’-]+|the|of|de|van|von|[a-z]+er|[a-z]+or|[a-z]+ist)){0,5})"
)
_ENGLISH_SPEAKER: Final = re.compile(
    rf"{_NAME}\s+(?:once\s+|has\s+)?{_SPEECH}[^.\"“]{{0,30}}[,:]?\s*$"
)
_ENGLISH_SPEAKER_AFTER: Final = re.compile(rf"^,?\s*(?:{_SPEECH}\s+{_NAME}|{_NAME}\s+{_SPEECH})")


def card(text: str) -> Card:
    """Bars, steps, a quote, a figure, a list; else the heading alone: words torn out of the text
    to stand below it would say less than none.
    """
    made = _bars(text) or _steps(text) or _quote(text) or _number(text) or _list(text)
    return made or TitleCard()


def items_card(items: Sequence[str], *, ordered: bool) -> Card:
    """Bars where every item names a quantity of one unit, else steps or a list; at most eight."""
    pairs = figures.paired(list(items)) if len(items) > 1 else None
    if pairs and len(pairs.bars) == len(items):
        return BarsCard(bars=pairs.bars, unit=pairs.unit)
    return StepsCard(items=tuple(items)) if ordered else ListCard(items=tuple(items))


def _bars(text: str) -> Card | None:
    found = figures.bars(text)
    return BarsCard(bars=found.bars, unit=found.unit) if found else None


def _steps(text: str) -> Card | None:
    found = enumerations.steps(text)
    return StepsCard(items=tuple(found[:MOST_ITEMS])) if found else None


def _list(text: str) -> Card | None:
    found = enumerations.items(text)
    return ListCard(items=tuple(found[:MOST_ITEMS])) if found else None


def _number(text: str) -> Card | None:
    found = figures.figures(text)
    if not found:
        return None
    best = max(found, key=lambda figure: (figure.strength, -figure.at))
    return NumberCard(value=best.value, label=_label(text, best.at))


def _label(text: str, at: int) -> str:
    """The clause that the figure stands in; the one before too where it alone says too little."""
    start = max((m.end() for m in _SENTENCE_END.finditer(text[:at])), default=0)
    parts = clauses(text[start:])
    for number, part in enumerate(parts):
        if start + len(part) > at:
            bare = part.strip(' ，。,.;；：:！？!?、“”"')
            little = len(bare) < 8 if is_chinese(bare) else len(bare.split()) < 4
            if little and number and not re.search(r"[。.！？!?]\s*$", parts[number - 1]):
                bare = (parts[number - 1].strip() + " " * (not is_chinese(bare)) + bare).strip()
            return shortened(bare, _LONGEST_LABEL[is_chinese(bare)])
        start += len(part)
    return ""


def _quote(text: str) -> Card | None:
    for match in _QUOTE.finditer(text):
        words = (match[1] or match[2]).strip(" ,，")
        speaker = _speaker(text[: match.start()], text[match.end() :])
        if speaker or len(words) > 0.5 * len(text):
            return QuoteCard(text=shortened(words, _LONGEST_QUOTE), source=shortened(speaker, 80))
    return None


def _speaker(before: str, after: str) -> str:
    for pattern, where in (
        (_CHINESE_SPEAKER, before),
        (_CHINESE_SPEAKER_AFTER, after),
        (_ENGLISH_SPEAKER, before),
        (_ENGLISH_SPEAKER_AFTER, after),
    ):
        match = pattern.search(where)
        name = next((group for group in match.groups() if group), "") if match else ""
        if name and name.lower() not in PRONOUNS:
            return name
    return ""
