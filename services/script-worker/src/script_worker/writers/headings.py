"""Short headings out of a text's own words: noun phrases for choice, a short clause otherwise."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log
from typing import Final

from script_worker.writers.lexicon import DETERMINERS, EMPTY_NOUNS, STOP, VERBS
from script_worker.writers.openers import leans, without_link
from script_worker.writers.text import one_line, shortened
from script_worker.writers.words import (
    CJK,
    Tagged,
    content,
    is_chinese,
    stem,
    tagged,
    terms,
)

MOST_HANZI: Final = 14
MOST_WORDS: Final = 7
MOST_CHARACTERS: Final = 60

_NOUN: Final = ("n", "vn", "an", "j", "l", "i", "eng", "term", "nz")
_MODIFIER: Final = ("a", "b", "v", "vn", "s", "f")
_ORDINAL: Final = re.compile(
    r"(?:首先|其次|再次|最后|第[一二三四五六七八九十]步?|其[一二三四])[是，、,：:要]*"
    r"([^，。；：！？、,;:]{2,14})"
)
_WEAK_START: Final = re.compile(
    r"^(?:在|从|当|把|被|与|和|对|由|随着|因为|如果|虽然|即使|为了|据|只有|只要|无论|不仅|也|还|又|都|就)"
)
_WEAK_END: Final = re.compile(
    r"(?:的|是|在|和|与|了|时|后|中|着|为|对|把|被|会|能|可以|之一|等|有|到|上|下|里)$"
)


@dataclass(frozen=True, slots=True)
class Keywords:
    """What a whole source is about: how often each word comes, and expressions of its own."""

    counts: Counter[str]
    terms: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Keywords":
        texts = list(texts)
        return cls(
            Counter(word for text in texts for word in content(text)),
            tuple(terms("\n".join(texts))),
        )


def fits(phrase: str) -> bool:
    """Whether a phrase is short enough for a heading."""
    hanzi = len(CJK.findall(phrase))
    words = len(CJK.sub(" ", phrase).split())
    return len(phrase) <= MOST_CHARACTERS and hanzi + 2 * words <= (
        MOST_HANZI if hanzi else 2 * MOST_WORDS
    )


def heading(text: str, keywords: Keywords, used: Iterable[str] = ()) -> str:
    """The best phrase that heads no other scene; never the whole text where it has more words."""
    taken = {phrase.lower() for phrase in used}
    for phrase in [*phrases(text, keywords), *_short_clauses(text)]:
        if phrase.lower() not in taken and fits(phrase):
            return phrase
    return trimmed(text)


def trimmed(text: str) -> str:
    """The beginning of ``text``, cut to a heading's size at a word."""
    text = one_line(re.split(r"[。！？!?；;\n]|\.\s", text.strip())[0]).strip(" .,，")
    if fits(text):
        return text
    if is_chinese(text):
        return shortened(text, MOST_HANZI)
    return shortened(" ".join(text.split()[:MOST_WORDS]), MOST_CHARACTERS)


def phrases(text: str, keywords: Keywords) -> list[str]:
    """Noun phrases of ``text``, the weightiest first."""
    found = _chinese(text, keywords) if is_chinese(text) else _english(text)
    scored: dict[str, float] = {}
    for order, (phrase, bonus) in enumerate(found):
        if fits(phrase) and phrase not in scored and phrase not in EMPTY_NOUNS:
            scored[phrase] = bonus * _weight(phrase, keywords) / (1 + 0.08 * order)
    return sorted((p for p in scored if scored[p] > 0), key=lambda p: -scored[p])


def _weight(phrase: str, keywords: Keywords) -> float:
    words = [w for w in content(phrase) if w not in EMPTY_NOUNS]
    known = sum(log(1 + keywords.counts[word]) + 0.3 for word in words)
    known += sum(0.8 for term in keywords.terms if term in phrase)
    return known / (len(words) + 1.5) ** 0.6 if words else 0.0


def _chinese(text: str, keywords: Keywords) -> Iterator[tuple[str, float]]:
    for match in _ORDINAL.finditer(text):
        if not _WEAK_END.search(match[1]):
            yield match[1].strip(), 2.0
    for sentence in re.split(r"[。！？!?；;：:，,“”「」（）()]", text):
        run: list[Tagged] = []
        for word, tag in [*_retagged(sentence, keywords), ("", "x")]:
            if tag.startswith(_NOUN) or tag in _MODIFIER or (word == "的" and run):
                run.append((word, tag))
                continue
            phrase = _noun_phrase(run)
            if phrase:
                yield phrase, 1.0
            run = []


def _noun_phrase(run: list[Tagged]) -> str:
    """The last part of a run of nouns and what describes them that is a phrase by itself."""
    while run and not run[-1][1].startswith(_NOUN):
        run = run[:-1]
    cut = max((i for i, (_, tag) in enumerate(run) if tag in {"v", "f"}), default=-1)
    run = run[cut + 1 :]
    while run and (run[0][0] == "的" or run[0][1] in _MODIFIER[4:]):
        run = run[1:]
    phrase = "".join(word for word, _ in run)
    return phrase if len(phrase) >= 2 and not _WEAK_START.match(phrase) else ""


def _retagged(text: str, keywords: Keywords) -> list[Tagged]:
    """Tagged words, the source's own expressions whole."""
    if not keywords.terms:
        return tagged(text)
    own = re.compile("|".join(map(re.escape, keywords.terms)))
    found: list[Tagged] = []
    at = 0
    for match in own.finditer(text):
        found += [*tagged(text[at : match.start()]), (match[0], "term")]
        at = match.end()
    return found + tagged(text[at:])


def _english(text: str) -> Iterator[tuple[str, float]]:
    for clause in re.split(r"[.,;:!?()\"“”—–]+(?:\s|$)|[\"“”()—]", text):
        run: list[str] = []
        words = clause.split()
        for at, word in enumerate([*words, "the"]):
            bare = word.strip("'’.,").lower()
            joins = (
                bare == "of" and run and at + 1 < len(words) and words[at + 1].lower() not in STOP
            )
            if joins or (
                bare not in STOP and bare not in VERBS and not bare.endswith("ly") and bare
            ):
                run.append(word)
                continue
            verb_at_end = bare in DETERMINERS and at < len(words) and len(run) > 1
            yield from _run(run[:-1] if verb_at_end else run, first=at == len(run))
            run = []


def _run(run: list[str], *, first: bool) -> Iterator[tuple[str, float]]:
    while run and (run[-1].lower() == "of" or re.fullmatch(r"[\W\d]+", run[-1])):
        run = run[:-1]
    if not run or not re.search(r"[^\W\d_]{3}", " ".join(run)):
        return
    phrase = " ".join(run)
    single = 0.75 if len(run) == 1 else 1.0
    yield phrase[:1].upper() + phrase[1:], single * (1.15 if first else 1.0)


def _short_clauses(text: str) -> Iterator[str]:
    for clause in re.split(r"[。！？!?；;：:，,、]|\.\s|\.$", text):
        bare = without_link(clause.strip(" “”\"'")).strip()
        if (
            bare == text.strip(" 。.")
            or leans(bare)
            or _WEAK_START.match(bare)
            or _WEAK_END.search(bare)
        ):
            continue
        if fits(bare) and len(content(bare)) >= 2 and stem(bare):
            yield bare
