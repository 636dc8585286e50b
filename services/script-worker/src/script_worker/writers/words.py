"""Words of a text: Chinese by rjieba with its tags, everything else by letters."""

import re
from collections import Counter
from types import ModuleType
from typing import Final

from script_worker.writers.lexicon import CHINESE_STOP, STOP

CJK: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_LATIN: Final = re.compile(r"[^\W\d_]")
_ENGLISH_WORD: Final = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_SPOKEN: Final = re.compile(r"\w")
_HANZI_RUN: Final = re.compile(r"[\u4e00-\u9fff]+")

_FUNCTION_CHARS: Final = frozenset(
    "的了是在和与及或也都就而但不把被从向对为于以这那它他她们我你其能会可要将并很更最已还有到上下里用让使"
    "个只又再之所则却者各每约至着过地得因如若等吗呢吧啊说"
)

Tagged = tuple[str, str]


def is_chinese(text: str) -> bool:
    """Whether ``text`` reads as Chinese: a hanzi says about as much as half a word's letters."""
    return len(CJK.findall(text)) * 4 > len(_LATIN.findall(text)) - len(CJK.findall(text))


def sayable(text: str) -> bool:
    """Whether there is anything in ``text`` that a voice could read."""
    return any(letter.isalnum() for letter in text)


def _cutter() -> ModuleType:
    import rjieba  # noqa: PLC0415  (its dictionary is read then: only where there is Chinese)

    return rjieba


def tagged(text: str) -> list[Tagged]:
    """Chinese words with jieba's part-of-speech tags; nothing is left out."""
    return [(str(word), str(tag)) for word, tag in _cutter().tag(text)]


def pieces(text: str) -> list[str]:
    """``text`` cut where a line may break without breaking a word; joined they are ``text``."""
    found: list[str] = []
    for part in re.findall(r"\s+|\S+", text):
        found.extend(map(str, _cutter().cut(part)) if CJK.search(part) else [part])
    return found


def english(text: str) -> list[str]:
    return _ENGLISH_WORD.findall(text)


def stem(word: str) -> str:
    """A word's crude stem: plural and the commonest endings off, so that forms of a word meet."""
    low = word.lower().removesuffix("'s").removesuffix("’s")
    for ending in ("ies", "ing", "ed", "es", "s"):
        if low.endswith(ending) and len(low) - len(ending) >= 4:
            return low[: -len(ending)].rstrip("e")
    return low.rstrip("e") if len(low) > 4 else low


def content(text: str) -> list[str]:
    """The words that carry meaning, in order: what ranking counts."""
    if not CJK.search(text):
        return [stem(word) for word in english(text) if word.lower() not in STOP]
    found: list[str] = []
    for word in map(str, _cutter().cut(text)):
        if not _SPOKEN.search(word) or len(word) < 2 or word in CHINESE_STOP:
            continue
        low = word.lower()
        if low not in STOP:
            found.append(word if CJK.search(word) else stem(low))
    return found


def terms(text: str) -> list[str]:
    """Chinese expressions that come twice or more, known to a dictionary or not, longest first."""
    counts: Counter[str] = Counter()
    for run in _HANZI_RUN.findall(text):
        for size in range(3, 8):
            counts.update(run[i : i + size] for i in range(len(run) - size + 1))
    often = {
        term: count
        for term, count in counts.items()
        if count > 1 and not _FUNCTION_CHARS.intersection(term)
    }
    inner: set[str] = set()
    for term, count in often.items():
        inner.update(part for part in (term[1:], term[:-1]) if often.get(part) == count)
    return sorted(often.keys() - inner, key=lambda term: (-len(term), term))
