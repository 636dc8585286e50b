"""English text as a speaker reads it: figures, dates, money and signs in words. Pure."""

import re
from collections.abc import Callable
from typing import Final

from media_worker.speech.text import address, latin
from media_worker.speech.text.english_numbers import (
    amount,
    cardinal,
    decade,
    digit_by_digit,
    ordinal,
    year,
)
from media_worker.speech.text.english_words import (
    ABBREVIATIONS,
    FRACTIONS,
    MONEY,
    MONTHS,
    SHORT_MONTHS,
    SIGNS,
    UNITS,
)
from media_worker.speech.text.units import HANZI, Rule, Unit, scanned

_Match = re.Match[str]
_N: Final = r"\d+(?:,\d{3})*(?:\.\d+)?"
_SCALE: Final = r"(?:\s*(thousand|million|billion|trillion|[kKMB](?![A-Za-z])))?"
_TO: Final = r"\s*[-–—~]\s*"
_SCALES: Final = {"k": "thousand", "K": "thousand", "M": "million", "B": "billion"}
_UNIT: Final = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_MONEY: Final = "|".join(sorted(map(re.escape, MONEY), key=len, reverse=True))
_MONTH: Final = "|".join([*MONTHS, *(f"{short}\\.?" for short in SHORT_MONTHS)])
_ABBREVIATION: Final = "|".join(map(re.escape, sorted(ABBREVIATIONS, key=len, reverse=True)))


def units(text: str) -> tuple[Unit, ...]:
    """The text cut into what is shown and what is said for it."""
    return scanned(text, _RULES, _lowered if _shouted(text) else _plain)


def _lowered(piece: str) -> str:
    return _plain(piece.lower())


def _shouted(text: str) -> bool:
    """Three words or more, all in capitals: no acronyms then."""
    words = re.findall(r"[A-Za-z]{2,}", text)
    return len(words) >= 3 and all(word.isupper() for word in words)


def _plain(piece: str) -> str:
    if re.match(rf"[{HANZI}]", piece):
        return piece
    if piece[0].isalpha():
        return "a" if piece == "A" else latin.said(piece)
    return digit_by_digit(piece) if piece.isdecimal() and piece.isascii() else SIGNS.get(piece, "")


def _iso_date(match: _Match) -> str:
    return f"{MONTHS[int(match[2]) - 1]} {ordinal(str(int(match[3])))} {year(match[1])}"


def _month(name: str) -> str:
    return SHORT_MONTHS.get(name.rstrip("."), name)


def _month_day(match: _Match) -> str:
    """November 25, 2026 and Nov 25th."""
    said = f"{_month(match[1])} {ordinal(match[2])}"
    return said + (f" {year(match[3])}" if match[3] else "")


def _day_month(match: _Match) -> str:
    said = f"{ordinal(match[1])} of {_month(match[2])}"
    return said + (f" {year(match[3])}" if match[3] else "")


def _clock(match: _Match) -> str:
    hour, minute, half = match.groups()
    said = cardinal(str(int(hour)))
    if int(minute):
        said += (" oh " if minute[0] == "0" else " ") + cardinal(str(int(minute)))
    elif not half:
        return said + (" o'clock" if 0 < int(hour) <= 12 else " hundred hours")
    return said + (f" {half[0].upper()} M" if half else "")


def _hour(match: _Match) -> str:
    return f"{cardinal(match[1])} {match[2].upper()} M"


def _phone(match: _Match) -> str:
    return ", ".join(digit_by_digit(group) for group in re.findall(r"\d+", match.group()))


def _money(match: _Match) -> str:
    sign, number, scale = match.groups()
    one, many, part = MONEY[sign]
    if scale:
        return f"{amount(number)} {_SCALES.get(scale, scale)} {many}"
    whole, _, cents = number.partition(".")
    said = f"{amount(whole)} {one if whole == '1' else many}"
    if len(cents) == 2 and int(cents):
        return f"{said} and {cardinal(str(int(cents)))} {part}"
    return said if not cents.strip("0") else f"{amount(number)} {many}"


def _percent(match: _Match) -> str:
    to = f" to {amount(match[2])}" if match[2] else ""
    return f"{amount(match[1])}{to} percent"


def _degrees(match: _Match) -> str:
    name = {"C": " Celsius", "F": " Fahrenheit"}.get(match[3] or "", "")
    to = f" to {amount(match[2])}" if match[2] else ""
    one = match[1].lstrip("-−") == "1" and not to
    return f"{amount(match[1])}{to} degree{'' if one else 's'}{name}"


def _measured(match: _Match) -> str:
    low, high, unit = match.groups()
    one, many = UNITS[unit]
    if high:
        return f"{amount(low)} to {amount(high)} {many}"
    return f"{amount(low)} {one if low == '1' else many}"


def _scaled(match: _Match) -> str:
    return f"{amount(match[1])} {_SCALES[match[2]]}"


def _fraction(match: _Match) -> str:
    over, under = match.groups()
    one, many = FRACTIONS.get(under, (ordinal(under), f"{ordinal(under)}s"))
    return f"{cardinal(over)} {one if over == '1' else many}"


def _range(match: _Match) -> str:
    low, high = match.groups()
    if re.fullmatch(r"(?:1\d|20)\d\d", low) and re.fullmatch(r"(?:1\d|20)\d\d", high):
        return f"{year(low)} to {year(high)}"
    return f"{amount(low)} to {amount(high)}"


def _version(match: _Match) -> str:
    said = " point ".join(cardinal(part) for part in match[2].split("."))
    return f"version {said}" if match[1] else said


def _code(match: _Match) -> str:
    """Letters and figures together: GPT-4 → G P T four."""
    return " ".join(
        amount(part) if part[0].isdigit() else latin.said(part)
        for part in re.findall(r"[A-Za-z]+|\d+(?:\.\d+)?", match.group())
    )


def _address(match: _Match) -> str:
    words = {".": "dot", "/": "slash", "@": "at"}
    return " ".join(
        words.get(part) or (digit_by_digit(part) if part.isdecimal() else latin.said(part))
        for part in address.parts(match.group())
    )


def _said(words: Callable[[str], str]) -> Callable[[_Match], str]:
    return lambda match: words(match.group())


def _plural_year(match: _Match) -> str:
    return decade(match[1])


_WRITTEN: Final[tuple[tuple[str | re.Pattern[str], Callable[[_Match], str]], ...]] = (
    (address.ADDRESS, _address),
    (rf"(?<![A-Za-z])(?:{_ABBREVIATION})(?![A-Za-z])", _said(ABBREVIATIONS.__getitem__)),
    (r"(\d{4})[-/](0?[1-9]|1[0-2])[-/](0?[1-9]|[12]\d|3[01])(?!\d)", _iso_date),
    (rf"({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(\d{{4}}))?(?![\d:])", _month_day),
    (rf"(\d{{1,2}})(?:st|nd|rd|th)?\s+({_MONTH})(?:,?\s+(\d{{4}}))?(?![\w])", _day_month),
    (r"24/7", lambda _: "twenty four seven"),
    (r"(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?:\s*([apAP])\.?[mM]\b\.?)?(?![\d:])", _clock),
    (r"(?<!\d)(1[0-2]|[1-9])\s*([ap])\.?m\b\.?", _hour),
    (r"(?<!\d)(\d+):(\d+)(?!\d)", lambda m: f"{amount(m[1])} to {amount(m[2])}"),
    (r"(?<![\d-])(?:\+?1[ -])?(?:\(\d{3}\)\s?|\d{3}[- ])?\d{3}-\d{4}(?![\d-])", _phone),
    (rf"({_MONEY})\s*({_N}){_SCALE}", _money),
    (rf"([-−]?{_N})%?(?:{_TO}({_N}))?\s*[%％]", _percent),
    (rf"([-−]?{_N})(?:{_TO}({_N}))?\s*(?:°\s*([CF])?|(?<=\d)℃)", _degrees),
    (rf"({_N})(?:{_TO}({_N}))?\s?({_UNIT})(?![A-Za-z0-9])", _measured),
    (r"'?(\d{4}|\d0)s(?![A-Za-z])", _plural_year),
    (r"(\d+)(?:st|nd|rd|th)(?![A-Za-z])", lambda m: ordinal(m[1])),
    (r"([vV])?(\d+(?:\.\d+){2,})", _version),
    (r"([vV])(\d+(?:\.\d+)*)(?![A-Za-z])", _version),
    (r"(?<![\d/.])(\d{1,2})/(\d{1,2})(?![\d/])", _fraction),
    (rf"({_N}){_TO}({_N})(?![\w-])", _range),
    (rf"({_N})([kKMB])(?![A-Za-z0-9])", _scaled),
    (r"#(?=\d)", lambda _: "number"),
    (r"[A-Za-z]+-?\d+(?:\.\d+)?[A-Za-z]*(?![A-Za-z])|\d+[A-Z]+\d*(?![a-z])", _code),
    (rf"(?<![\w)])[-−]{_N}", _said(amount)),
    (r"(?<![\d.,])(?:1[1-9]|20)\d\d(?!\d|[.,]\d)", _said(year)),
    (_N, _said(amount)),
    (r"([A-Za-z])(?:\+\+)(?!\w)", lambda m: f"{m[1].upper()} plus plus"),
    (r"([A-Za-z])#(?!\w)", lambda m: f"{m[1].upper()} sharp"),
    (r"(?i:wi-fi)", _said(latin.said)),
)
_RULES: Final[tuple[Rule, ...]] = tuple((re.compile(pattern), said) for pattern, said in _WRITTEN)
