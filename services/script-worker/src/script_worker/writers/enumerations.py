"""Things that a text lists, and steps that follow one another."""

import re
from collections.abc import Iterator
from typing import Final

from script_worker.writers.headings import trimmed
from script_worker.writers.lexicon import STOP, VERBS
from script_worker.writers.words import CJK, tagged

_NOUN_TAGS: Final = ("n", "vn", "an", "j", "l", "i", "eng", "a", "b", "m", "q", "v", "g", "z")
_CHINESE_ROW: Final = re.compile(
    r"(?:[^，。；：！？、,;:“”（）]{1,16}、)+[^，。；：！？、,;:“”（）]{1,24}"
)
_LAST_PAIR: Final = re.compile(r"(?:以及|和|与|及|或者|或|还有)")
_STARTERS: Final = re.compile(r"^(?:包括|例如|比如|如|有|是|和|及|与|以及)")
_ENGLISH_ROW: Final = re.compile(
    r"(?:[\w'’-]+(?: [\w'’-]+){0,5}, ){1,6}(?:[\w'’-]+(?: [\w'’-]+){0,4},? )?"
    r"(?:and|or) [\w'’-]+(?: [\w'’-]+){0,4}"
)
_CHINESE_STEPS: Final = re.compile(
    r"(?:第[一二三四五六七八](?:步|(?=[是，、,：:]))|首先|其次|再次|然后|接着|随后|最后|先(?=[^，。]{2,})|再(?=[^，。]{2,}))"
    r"[是，、,：:]*([^。；;！？，,]{2,24})"
)
_CHINESE_ORDER: Final = re.compile(
    r"第[一二三四五六七八]步|首先|然后|接着|随后|先[^，。]{1,12}，[^。]{0,12}再"
)
_ENGLISH_STEPS: Final = re.compile(
    r"\b(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|next|then|after that|finally|lastly"
    r"|step (?:\d|one|two|three|four|five))\b[,:]?\s+([^.;!?]{3,90})",
    re.IGNORECASE,
)
_ENGLISH_MARK: Final = re.compile(
    r"(?=\b(?:[Ff]irst(?:ly)?|[Ss]econd(?:ly)?|[Tt]hird(?:ly)?|[Nn]ext|[Tt]hen|[Ff]inally"
    r"|[Ll]astly|[Ss]tep)\b)"
)


_TAILS: Final = frozenset(("等", "的", "都", "等等", "组成", "有关", "相关"))


def items(text: str) -> list[str]:
    """Three or more things in a row (A、B和C; A, B and C), or nothing."""
    found = _chinese(text) if CJK.search(text) else _english(text)
    return found if 3 <= len(found) <= 8 and len(set(found)) == len(found) else []


def steps(text: str) -> list[str]:
    """What follows first, then, finally; nothing where there are not two such marks."""
    if CJK.search(text):
        if not _CHINESE_ORDER.search(text):
            return []
        found = [_bare(match[1]) for match in _CHINESE_STEPS.finditer(text)]
    else:
        found = [_bare(part) for part in _english_steps(text)]
    return found if 2 <= len(found) <= 8 and len(set(found)) == len(found) and all(found) else []


def _chinese(text: str) -> list[str]:
    for match in _CHINESE_ROW.finditer(text):
        parts = match[0].split("、")
        last = _LAST_PAIR.split(parts[-1], maxsplit=1)
        parts[-1:] = last
        parts[0] = _nouns_at_end(parts[0])
        parts[-1] = _nouns_at_start(parts[-1])
        cleaned = [_STARTERS.sub("", part).strip() for part in parts]
        if len(cleaned) >= 3 and all(1 <= len(part) <= 14 for part in cleaned):
            return cleaned
    return []


def _nouns_at_end(part: str) -> str:
    kept: list[str] = []
    for word, tag in reversed(tagged(part)):
        if not tag.startswith(_NOUN_TAGS) or (tag == "v" and kept):
            break
        kept.insert(0, word)
    return "".join(kept)


def _nouns_at_start(part: str) -> str:
    kept = ""
    for word, tag in tagged(part):
        if word in _TAILS or not tag.startswith(_NOUN_TAGS) or (tag == "v" and kept):
            break
        kept += word
    return kept


def _english(text: str) -> list[str]:
    for match in _ENGLISH_ROW.finditer(text):
        head, _, last = re.sub(
            r",? (and|or) (?!.* (?:and|or) )", "\0", match[0], count=1
        ).partition("\0")
        parts = [*head.split(", "), last]
        parts[0] = " ".join(_content_at_end(parts[0].split()))
        parts[-1] = " ".join(_content_at_start(parts[-1].split()))
        if len(parts) >= 3 and all(map(_thing, parts)):
            return [part[:1].upper() + part[1:] for part in parts]
    return []


def _thing(part: str) -> bool:
    words = part.lower().split()
    return (
        1 <= len(words) <= 4
        and not VERBS.intersection(words)
        and not words[0].endswith("ing")
        and not words[-1].endswith("ly")
    )


def _content_at_end(words: list[str]) -> list[str]:
    kept: list[str] = []
    for word in reversed(words):
        if word.lower() in STOP or len(kept) == 2:
            break
        kept.insert(0, word)
    return kept


def _content_at_start(words: list[str]) -> list[str]:
    kept: list[str] = []
    for word in words:
        if word.lower() in STOP:
            if kept:
                break
            continue
        kept.append(word)
    return kept[:3]


def _english_steps(text: str) -> Iterator[str]:
    parts = _ENGLISH_MARK.split(text)
    for part in parts:
        match = _ENGLISH_STEPS.match(part.strip())
        if match:
            yield match[1]


def _bare(step: str) -> str:
    step = re.sub(r"^(?:才|就)?是", "", step.strip(" ，,、.:：")).removesuffix(" and").strip(" ,")
    step = step if len(step) <= 24 or not CJK.search(step) else trimmed(step)
    return step[:1].upper() + step[1:]
