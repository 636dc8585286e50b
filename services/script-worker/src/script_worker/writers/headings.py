"""Short headings out of a text's own words: a weighty noun phrase, or a short statement."""

import re
from collections.abc import Iterable
from typing import Final

from script_worker.writers.lexicon import STOP
from script_worker.writers.phrases import STATEMENT, Keywords, central, statements, weighed
from script_worker.writers.text import one_line, shortened
from script_worker.writers.words import CJK, is_chinese

MOST_HANZI: Final = 14
MOST_WORDS: Final = 7
MOST_CHARACTERS: Final = 60


def fits(phrase: str) -> bool:
    """Whether a phrase is short enough for a heading; a word counts as two hanzi where mixed."""
    hanzi = len(CJK.findall(phrase))
    words = len(CJK.sub(" ", phrase).split())
    room = MOST_HANZI if hanzi else 2 * MOST_WORDS
    return len(phrase) <= MOST_CHARACTERS and hanzi + 2 * words <= room


def heading(text: str, keywords: Keywords, used: Iterable[str] = ()) -> str:
    """The best phrase that heads no other scene; the whole text only where it is that short."""
    whole = text.strip(" 。.！!？?")
    taken = {phrase.lower() for phrase in used} | {whole.lower()}
    found = weighed(text, keywords)
    for order, statement in enumerate(statements(text)):
        found.setdefault(statement, STATEMENT / (1 + 0.15 * order))
    for phrase in sorted(found, key=lambda phrase: -found[phrase]):
        if phrase.lower() not in taken and fits(phrase):
            return phrase
    return trimmed(text)


def measured(text: str, label: str) -> str:
    """What a row of figures measures: the clause before the first one's ``label``, if any."""
    before = text[: text.find(label)] if label in text else ""
    clause = re.split(r"[。，,：:；;]|\.\s", before.rstrip(" ，,：:、"))[-1].strip()
    return "" if re.search(r"[%％$]", clause) or clause.split(" ")[-1].lower() in STOP else clause


def title(text: str, keywords: Keywords) -> str:
    """What a whole source is about, in a few words of its own."""
    return next(filter(fits, central(text, keywords)), "") or trimmed(text)


def trimmed(text: str) -> str:
    """The beginning of ``text``, cut to a heading's size at a word."""
    text = one_line(re.split(r"[。！？!?；;\n]|\.\s", text.strip())[0]).strip(" .,，")
    clause = re.split(r"[，,：:、]\s*(?!\d)", text)[0]
    if fits(text):
        return text
    if fits(clause) and len(clause) >= 4:
        return clause
    if is_chinese(text):
        return shortened(text, MOST_HANZI - 2)
    return shortened(" ".join(text.split()[:MOST_WORDS]), MOST_CHARACTERS)
