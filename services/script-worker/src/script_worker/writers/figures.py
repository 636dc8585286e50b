"""Figures with their units, and figures that stand side by side."""

import re
from dataclasses import dataclass
from typing import Final

from script_worker.writers.lexicon import NO_UNIT
from shared.messages.script import Bar

_NUMBER: Final = r"\d[\d,]*(?:\.\d+)?"
_CHINESE_UNIT: Final = (
    r"[%％‰]|(?:多)?(?:万亿|千万|百万|十万|[万亿千百])?(?:多)?"
    r"(?:平方公里|平方千米|平方米|立方米|千瓦时|摄氏度|个百分点|美元|欧元|人民币|公里|千米|厘米|毫米|公斤|千克"
    r"|毫升|毫克|公顷|千瓦|兆瓦"
    r"|小时|分钟|个月|人次|[元吨人米克升度秒天年岁家座倍次种项辆台件户亩个条名张棵株只位票部层斤杯所间片块周代]"
    r"|分贝|万|亿|成)(?!以)"
)
_CHINESE: Final = re.compile(rf"(?<![\dA-Za-z.])({_NUMBER})\s?({_CHINESE_UNIT})")
_DIGITS: Final = "一二两三四五六七八九十百千"
_HANZI: Final = re.compile(
    rf"百分之[{_DIGITS}零点]+|[{_DIGITS}]+分之[{_DIGITS}]|[{_DIGITS}]+[万亿]+"
    rf"(?:元|吨|人|公里|平方米|户|棵|次|美元)|(?!一)[{_DIGITS}]+(?:倍|公里|吨|元)"
    rf"|[{_DIGITS}]+[到至][{_DIGITS}]+个?(?:小时|分钟|天|年|元|吨|人)"
)
_SCALE: Final = r"(?:hundred|thousand|million|billion|trillion)"
_ENGLISH: Final = re.compile(
    rf"(?<![\w.,$€£¥-])([$€£¥])?({_NUMBER})(?![\d:/])"
    rf"(?:[\s-]?(%|per\s?cent|{_SCALE})(?!\w))?(?:[ -]((?:square |cubic )?[A-Za-z]{{2,14}}))?"
)
_STRONG: Final = re.compile(r"[%％‰$€£¥倍万亿]|分之|percent|per cent|illion|成$|times")
_UNIT_WORD: Final = re.compile(
    r"(?:[^su]s|people|percent|children|women|men|feet|[kKMGT]Wh?|[kcm]?m|k?g|mph|kph|hectare)$"
)
_YEAR: Final = re.compile(r"(?:1[5-9]|20)\d\d")
_SEPARATOR: Final = re.compile(
    r"[，、；;]\s*|,\s+(?:and\s+)?|\s+and\s+(?=\S+\s+\S*\d|\d)|(?<=[%\d])和"
)
_LINKER: Final = (
    r"\s*(?:[:：=—–-]+|为|是|占比?|达到?|有|只有|约为?|仅为?|则为?|降到|升到|升至|降至|到"
    r"|reached|stood at|stands at|at|with|had|has|is|was|are|were|only|about)*\s*"
    r"(?:约|近|超过|about|nearly|only|around)?\s*"
)
_PAIR: Final = re.compile(
    rf"^(?P<label>\D*?[^\W_](?:\D*?)|\d{{4}}年?|[A-Za-z]+\d{{1,3}})的?{_LINKER}"
    rf"(?P<number>{_NUMBER})\s*"
    rf"(?P<unit>{_CHINESE_UNIT}|%|per\s?cent|{_SCALE}(?: [A-Za-z]+)?"
    rf"|[A-Za-z]{{1,14}}(?:/[A-Za-z]+)?)?[\s。.!！]*$"
)
_TURNED: Final = re.compile(
    rf"^(?:[A-Z]\D{{2,40}} )?({_NUMBER})\s?(%|percent) of (?:the |all )?"
    rf"([a-z]+(?: [a-z]+){{0,2}})[\s.]*$"
)
_OPENING: Final = re.compile(r"^(?:其中|而|但|and|while|whereas|in|from|从)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """``value`` as it is to be shown, ``at`` its place; ``strength`` ranks what to show."""

    value: str
    at: int
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    bars: tuple[Bar, ...]
    unit: str


def figures(text: str) -> list[Figure]:
    """All figures with a unit, in order; years, dates and bare numbers are none."""
    found = [(m.start(), m[0]) for m in _CHINESE.finditer(text) if not _is_year(m[1], m[2])]
    found += [(m.start(), m[0]) for m in _HANZI.finditer(text)]
    taken = {at for at, _ in found}
    for match in _ENGLISH.finditer(text):
        value = _english(match)
        if value and match.start() not in taken:
            found.append((match.start(), value))
    return [
        Figure(value=value, at=at, strength=_strength(text, at, value))
        for at, value in sorted(found)
        if len(value) <= 24
    ]


def _strength(text: str, at: int, value: str) -> float:
    strong = 2.0 if _STRONG.search(value) else 0.0
    digits = 1.0 if re.search(r"\d", value) else 0.0
    per = 2.0 if re.search(r"(?:每|per|every|each)\s?$", text[:at]) else 0.0
    size = 0.5 if re.search(r"\bof\s$", text[:at]) else 0.0  # "a plot of 30 metres": not the news
    return strong + digits - per - size


def bars(text: str) -> Bars | None:
    """Two to eight quantities of one unit side by side ("A 72, B 10"), or nothing."""
    for sentence in re.split(r"[。！？!?\n]|\.(?:\s|$)", text):
        for stretch in re.split(r"[:：](?=.*\d.*\d)", sentence):
            found = paired(_SEPARATOR.split(stretch))
            if found:
                return found
    return None


def paired(parts: list[str]) -> Bars | None:
    """The longest row of neighbouring parts that each name one quantity of the same unit."""
    best: list[tuple[Bar, str]] = []
    row: list[tuple[Bar, str]] = []
    for part in parts:
        pair = _pair(part)
        fits = pair and (not row or pair[1] == row[0][1])
        row = [*row, pair] if pair and fits else [pair] if pair else []
        best = row if len(row) > len(best) else best
    if not 2 <= len(best) <= 8 or len({bar.label for bar, _ in best}) < len(best):
        return None
    return Bars(bars=tuple(bar for bar, _ in best), unit=best[0][1])


def _pair(part: str) -> tuple[Bar, str] | None:
    turned = _TURNED.match(part.strip())
    if turned:
        part = f"{turned[3]} {turned[1]}{turned[2]}"
    match = _PAIR.match(_OPENING.sub("", part.strip()))
    if not match:
        return None
    label = match["label"].strip(' :：-—–="“”')
    unit = (match["unit"] or "").replace("％", "%").strip()
    unit = "%" if unit.startswith("per") else unit
    bare = match["number"].replace(",", "")
    hanzi = any("一" <= c <= "鿿" for c in label)
    crowded = len(label) > 12 if hanzi else len(label) > 32 or len(label.split()) > 4
    if (
        not label
        or crowded
        or len(unit) > 16
        or len(bare) > 15
        or (unit == "年" and _YEAR.match(bare))
    ):
        return None
    return Bar(label=label, value=float(bare)), unit


def _is_year(number: str, unit: str) -> bool:
    return unit == "年" and bool(_YEAR.fullmatch(number))


def _english(match: re.Match[str]) -> str:
    sign, number, scale, noun = match[1] or "", match[2].rstrip(","), match[3] or "", match[4] or ""
    if noun.lower() in NO_UNIT or not _UNIT_WORD.search(noun):
        noun = ""
    if scale in {"%", "percent", "per cent"}:
        return f"{number}%"
    if sign:
        return f"{sign}{number} {scale}".strip()
    if not scale and (not noun or _YEAR.fullmatch(number)):
        return ""
    value = " ".join(part for part in (number, scale, noun) if part)
    return value if len(value) <= 24 else f"{number} {scale}".strip() if scale else ""
