"""Chinese text as a speaker reads it: figures, dates, money and signs in words. Pure."""

import re
from collections.abc import Callable
from typing import Final

from media_worker.speech.text import address, latin
from media_worker.speech.text.hanzi_numbers import amount, cardinal, counted, digit_by_digit
from media_worker.speech.text.hanzi_words import (
    LATIN_UNITS,
    MEASURES,
    MONEY,
    MONEY_CODES,
    SERVICE_NUMBERS,
    SIGNS,
)
from media_worker.speech.text.units import HANZI, Rule, Unit, scanned

_Match = re.Match[str]
_N: Final = r"\d+(?:,\d{3})*(?:\.\d+)?"
_BIG: Final = r"(?:\s*(万亿|[万亿]))?"
_TO: Final = r"\s*[-~～—–－至到]+\s*"
_UNIT: Final = "|".join(sorted(map(re.escape, LATIN_UNITS), key=len, reverse=True))
_MONEY: Final = "|".join(sorted(map(re.escape, MONEY), key=len, reverse=True))


def units(text: str) -> tuple[Unit, ...]:
    """The text cut into what is shown and what is said for it."""
    return scanned(text, _RULES, _plain)


def _plain(piece: str) -> str:
    if re.match(rf"[{HANZI}]", piece):
        return piece
    if piece[0].isalpha():
        return latin.said(piece)
    return digit_by_digit(piece) if piece.isdecimal() and piece.isascii() else SIGNS.get(piece, "")


def _date(match: _Match) -> str:
    year, _, month, day = match.groups()
    return f"{digit_by_digit(year)}年{cardinal(month.lstrip('0'))}月{cardinal(day.lstrip('0'))}日"


def _years(match: _Match) -> str:
    return f"{digit_by_digit(match[1])}{match[2] or ''}到{digit_by_digit(match[3])}年"


def _clock(match: _Match) -> str:
    hour, minute, second = match.groups()
    said = cardinal(str(int(hour))) if hour != "2" else "两"
    said += "点"
    if int(minute):
        said += ("零" if minute[0] == "0" else "") + cardinal(str(int(minute))) + "分"
    elif not second:
        return said + "整" if hour[0] == "0" else said
    return said + (f"{cardinal(str(int(second)))}秒" if second else "")


def _phone(match: _Match) -> str:
    """Groups as written, with a comma's pause between them."""
    groups = re.findall(r"\d+", match.group())
    return "，".join(digit_by_digit(group, one="幺") for group in groups)


def _money(match: _Match) -> str:
    sign, number, big = match[1], match[2], match[3] or ""
    to = match[4]
    name = MONEY[sign]
    first = _price(number) + ("" if to else big)
    return f"{first}{'到' + _price(to) + big if to else ''}{name}"


def _price(number: str) -> str:
    """1,200.50 is 一千二百点五."""
    return amount(re.sub(r"\.(\d*?)0+$", lambda m: f".{m[1]}" if m[1] else "", number))


def _money_code(match: _Match) -> str:
    return f"{amount(match[1])}{match[2] or ''}{MONEY_CODES[match[3]]}"


def _percent(match: _Match) -> str:
    name = "千分之" if match[3] == "‰" else "百分之"
    first = re.sub("^负", f"负{name}", amount(match[1]))
    said = first if first.startswith("负") else name + first
    return said + (f"到{name}{amount(match[2])}" if match[2] else "")


def _degrees(match: _Match) -> str:
    low, high, sign = match.groups()
    name = {"℃": "摄氏度", "°C": "摄氏度", "℉": "华氏度", "°F": "华氏度"}.get(sign, "度")
    below = "零下" if low[0] in "-−" and name == "摄氏度" else ""
    said = below + amount(low.lstrip("-−") if below else low)
    return said + (f"到{amount(high)}" if high else "") + name


def _measured(match: _Match) -> str:
    low, high, big, unit = match.groups()
    said = amount(low) if high else counted(low)
    return f"{said}{f'到{amount(high)}' if high else ''}{big or ''}{LATIN_UNITS[unit]}"


def _range(match: _Match) -> str:
    return f"{amount(match[1])}到{counted(match[2]) if match[3] else amount(match[2])}"


def _version(match: _Match) -> str:
    return (f"{match[1].upper()} " if match[1] else "") + "点".join(
        digit_by_digit(part) if place else cardinal(part)
        for place, part in enumerate(match[2].split("."))
    )


def _code(match: _Match) -> str:
    """Letters and figures together: GPT-4o → G P T 四 o, 5G → 五 G."""
    said = [
        _figures_in_code(part) if part[0].isdigit() else latin.said(part)
        for part in re.findall(r"[A-Za-z]+|\d+(?:\.\d+)?", match.group())
    ]
    return " ".join(said)


def _figures_in_code(digits: str) -> str:
    return digit_by_digit(digits) if digits.isdecimal() and len(digits) > 2 else amount(digits)


def _language(match: _Match) -> str:
    """C++ and C#."""
    return f"{match[1].upper()} {'加加' if match[2] == '++' else 'sharp'}"


def _said(words: Callable[[str], str]) -> Callable[[_Match], str]:
    return lambda match: words(match.group())


def _spelled_address(text: str) -> str:
    words = {".": "点", "/": "斜杠", "@": "艾特"}
    return " ".join(
        words.get(part) or (digit_by_digit(part) if part.isdecimal() else latin.said(part))
        for part in address.parts(text)
    )


def _negative(match: _Match) -> str:
    return amount(match.group())


_WRITTEN: Final[tuple[tuple[str | re.Pattern[str], Callable[[_Match], str]], ...]] = (
    (address.ADDRESS, _said(_spelled_address)),
    (r"(\d{4})([-/.])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)", _date),
    (rf"(\d{{4}})(年)?{_TO}(\d{{4}})\s*年", _years),
    (
        r"(?<=[有近约])\d{4}(?=年)|\d{4}(?=\s*年(?:的?历史|之久|之间))|\d000(?=\s*年前)",
        _said(counted),
    ),
    (r"\d{4}(?=\s*年)", _said(digit_by_digit)),
    (r"(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?![\d:])", _clock),
    (r"(?<![\d.])(\d+):(\d+)(?![\d:])", lambda m: f"{amount(m[1])}比{amount(m[2])}"),
    (r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)", _phone),
    (r"(?<!\d)(?:0\d{2,3}-\d{7,8}|[48]00-?\d{3}-?\d{4})(?!\d)", _phone),
    (rf"(?<!\d)(?:{SERVICE_NUMBERS})(?!\d|[.,]\d|\s*[万亿年%％{MEASURES}])", _phone),
    (rf"({_MONEY})\s*({_N}){_BIG}(?:{_TO}({_N}))?", _money),
    (rf"({_N}){_BIG}\s*({'|'.join(MONEY_CODES)})(?![A-Za-z])", _money_code),
    (rf"([-−]?{_N})\s*[%％]?(?:{_TO}({_N}))?\s*([%％‰])", _percent),
    (rf"([-−]?{_N})(?:{_TO}({_N}))?\s*(℃|°C|℉|°F|°)", _degrees),
    (rf"({_N})(?:{_TO}({_N}))?{_BIG}\s*({_UNIT})(?![A-Za-z0-9])", _measured),
    (r"([vV])?(\d+(?:\.\d+){2,})", _version),
    (r"([vV])(\d+(?:\.\d+)+)", _version),
    (
        r"(?<![\d/.])(\d{1,3})/(\d{1,3})(?![\d/])",
        lambda m: f"{cardinal(m[2])}分之{cardinal(m[1])}",
    ),
    (r"(?<=第)\d+", _said(cardinal)),
    (rf"({_N}){_TO}({_N})(?=([{MEASURES}])?)", _range),
    (r"[A-Za-z]+-?\d+(?:\.\d+)?[A-Za-z]*(?![A-Za-z])|\d+[A-Z]+\d*(?![a-z])", _code),
    (rf"(?<![\d{HANZI}A-Za-z])[-−]{_N}", _negative),
    (rf"{_N}(?=\s*[{MEASURES}])|2(?=[万亿千])", _said(counted)),
    (_N, _said(amount)),
    (r"([A-Za-z])(\+\+|#)(?![A-Za-z0-9])", _language),
    (r"(?i:wi-fi)|[A-Za-z]{2,}(?:['’][a-z]+)?", _said(latin.said)),
)
_RULES: Final[tuple[Rule, ...]] = tuple((re.compile(pattern), said) for pattern, said in _WRITTEN)
