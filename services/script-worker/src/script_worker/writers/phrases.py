"""Noun phrases and short statements of a text, weighed by what the whole source is about."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log, sqrt
from typing import Final

from script_worker.writers.lexicon import (
    CLAUSE_STARTS,
    DETERMINERS,
    EMPTY_NOUNS,
    STOP,
    SUBJECTS,
    VERBS,
)
from script_worker.writers.openers import leans, without_link
from script_worker.writers.words import Tagged, content, is_chinese, tagged, terms

STATEMENT: Final = 1.7  # a short whole clause beats phrases of words that come but once or twice

_OFTEN: Final = 5
_NOUN: Final = ("n", "vn", "an", "j", "l", "i", "eng", "term", "nz")
_MODIFIER: Final = ("a", "b", "vn", "v", "s", "f")
_ORDINAL: Final = re.compile(
    r"(?:首先|其次|再次|最后|第[一二三四五六七八九十](?:步|(?=[是，、,：:]))|其[一二三四])[是，、,：:要]*"
    r"([^，。；：！？、,;:]{2,14})"
)
_WEAK_START: Final = re.compile(
    r"^(?:在|从|当|把|被|与|和|对|由|随着|因为|如果|虽然|即使|为了|据|只有|只要|无论|不仅|也|还|又|都|就"
    r"|首先|其次|最后|第.步|先|再|到|才|以|有人|越|为)"
)
_SPEECH: Final = re.compile(r"(?:说|指出|表示|认为|写道|问|道|说明|提醒)$")
_WEAK_END: Final = re.compile(
    r"(?:的|是|在|和|与|了|时|后|中|着|为|对|把|被|会|能|可以|之一|等|有|到|上|下|里|以后|之前)$"
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


def weighed(text: str, keywords: Keywords, *, early: float = 0.08) -> dict[str, float]:
    """Noun phrases with their weight; ``early`` is how fast it falls from phrase to phrase."""
    found = _chinese(text, keywords) if is_chinese(text) else _english(text)
    scored: dict[str, float] = {}
    for order, (phrase, bonus) in enumerate(found):
        if phrase not in scored and phrase not in EMPTY_NOUNS:
            scored[phrase] = bonus * _weight(phrase, keywords) / (1 + early * order)
    return {phrase: weight for phrase, weight in scored.items() if weight > 0}


def central(text: str, keywords: Keywords) -> list[str]:
    """Phrases of a whole source, first the one that it is most about."""
    low = text.lower()
    start = low[: max(80, len(low) // 8)]
    found = weighed(text, keywords, early=0.002)

    def importance(phrase: str) -> float:
        opening = 1.4 if phrase.lower() in start else 1.0
        return found[phrase] * sqrt(low.count(phrase.lower())) * opening

    return sorted(found, key=importance, reverse=True)


def statements(text: str) -> Iterator[str]:
    """Clauses that stand at the beginning of a sentence and make sense by themselves."""
    for sentence in re.split(r"(?<=[。！？!?])|(?<=\.)\s", text):
        clause = re.split(r"[；;：:，,、。！？!?“”\"]|\.$", without_link(sentence.strip()))[
            0
        ].strip()
        if not clause or _SPEECH.search(clause) or leans(clause) or len(content(clause)) < 2:
            continue
        if is_chinese(clause):
            weak = len(clause) < 5 or _WEAK_START.match(clause) or _WEAK_END.search(clause)
        else:
            weak = len(clause.split()) < 3 or clause.split()[0].lower() in CLAUSE_STARTS
        if not weak and not re.search(r"\d", clause):
            yield clause


def _weight(phrase: str, keywords: Keywords) -> float:
    words = [w for w in content(phrase) if w not in EMPTY_NOUNS]
    known = sum(log(1 + keywords.counts[word]) + 0.3 for word in words)
    known += sum(0.8 for term in keywords.terms if term in phrase)
    return known / (len(words) + 1.5) ** 0.6 if words else 0.0


def _chinese(text: str, keywords: Keywords) -> Iterator[tuple[str, float]]:
    for match in _ORDINAL.finditer(text):
        if not _WEAK_END.search(match[1]) and not _WEAK_START.match(match[1]):
            yield match[1].strip(), 2.0
    for sentence in re.split(r"[。！？!?；;：:，,“”「」（）()]", text):
        run: list[Tagged] = []
        before = ""
        for word, tag in [*_retagged(sentence, keywords), ("", "x")]:
            if tag.startswith(_NOUN) or tag in _MODIFIER or (word == "的" and run):
                run.append((word, tag))
                continue
            phrase = _noun_phrase(run)
            if phrase:
                counted = 0.5 if before.startswith("m") else 1.0
                yield phrase, counted * (0.7 if len(phrase) == 2 else 1.0)
            run = []
            before = tag


def _noun_phrase(run: list[Tagged]) -> str:
    """The last part of a run of nouns and what describes them that is a phrase by itself."""
    while run and not run[-1][1].startswith(_NOUN):
        run = run[:-1]
    cut = max((i for i, (_, tag) in enumerate(run) if tag in {"v", "f"}), default=-1)
    run = run[cut + 1 :]
    while run and (run[0][0] == "的" or run[0][1] == "s"):
        run = run[1:]
    phrase = "".join(word for word, _ in run)
    weak = _WEAK_START.match(phrase) or _WEAK_END.search(phrase)
    return phrase if len(phrase) >= 2 and not weak else ""


def _retagged(text: str, keywords: Keywords) -> list[Tagged]:
    """Tagged words, the source's own expressions whole."""
    if not keywords.terms:
        return list(_named(tagged(text), keywords))
    own = re.compile("|".join(map(re.escape, keywords.terms)))
    found: list[Tagged] = []
    at = 0
    for match in own.finditer(text):
        found += [*tagged(text[at : match.start()]), (match[0], "term")]
        at = match.end()
    return list(_named(found + tagged(text[at:]), keywords))


def _named(words: Iterable[Tagged], keywords: Keywords) -> Iterator[Tagged]:
    """A verb that comes again and again is what the text is about, and so a noun in a heading."""
    for word, tag in words:
        yield word, "vn" if tag == "v" and keywords.counts[word] >= _OFTEN else tag


def _english(text: str) -> Iterator[tuple[str, float]]:
    for clause in re.split(r"[.,;:!?()\"“”—–]+(?:\s|$)|[\"“”()—]", text):
        run: list[str] = []
        before = ""
        words = [*clause.split(), "the"]
        for at, word in enumerate(words):
            bare = word.strip("'’.,").lower()
            if _continues(run, bare, words[at + 1 : at + 2]):
                run.append(word)
                continue
            last = at == len(words) - 1
            yield from _run(run, before=before, after="" if last else bare, first=at == len(run))
            run, before = [], bare


def _continues(run: list[str], bare: str, ahead: list[str]) -> bool:
    if bare == "of":
        return bool(run and ahead and ahead[0].lower() not in STOP)
    plain = bare and not re.search(r"\d", bare) and not bare.endswith("ly")
    past = bare.endswith("ed") and run and run[-1].endswith("s")
    return bool(plain and bare not in STOP and bare not in VERBS and not past)


def _run(run: list[str], *, before: str, after: str, first: bool) -> Iterator[tuple[str, float]]:
    """A run of words as a phrase, without what must be a verb at its ends."""
    verb_last = after in DETERMINERS or after.endswith("ly") or re.search(r"\d", after)
    if len(run) > 1 and verb_last:
        run = run[:-1]
    if run and before in SUBJECTS:
        run = run[1:]
    while run and (run[-1].lower() == "of" or run[-1].lower().endswith("ing")):
        run = run[:-1]
    if not run or not re.search(r"[^\W\d_]{3}", " ".join(run)):
        return
    phrase = " ".join(run)
    single = (0.6 if first else 0.4) if len(run) == 1 else 1.0
    yield phrase[:1].upper() + phrase[1:], single * (1.3 if first else 1.0)
