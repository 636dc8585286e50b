"""Numbers as English says them. Pure."""

from typing import Final

_SMALL: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS: Final = (
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_SCALES: Final = ("", " thousand", " million", " billion", " trillion", " quadrillion")
_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_LONGEST: Final = 18


def digit_by_digit(digits: str) -> str:
    return " ".join(_SMALL[int(digit)] for digit in digits)


def cardinal(digits: str) -> str:
    """A whole number in words; codes (a leading zero, or longer than 18 digits) digit by digit."""
    if len(digits) > _LONGEST or (len(digits) > 1 and digits[0] == "0"):
        return digit_by_digit(digits)
    number, said = int(digits), list[str]()
    if not number:
        return _SMALL[0]
    for index, scale in enumerate(_SCALES):
        group = number // 1000**index % 1000
        if group:
            said.insert(0, _below_thousand(group) + scale)
    return " ".join(said)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    said = [f"{_SMALL[hundreds]} hundred"] if hundreds else []
    if rest:
        said.append(_below_hundred(rest))
    return " ".join(said)


def _below_hundred(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f" {_SMALL[ones]}" if ones else "")


def ordinal(digits: str) -> str:
    head, _, last = cardinal(digits).rpartition(" ")
    last = f"{last[:-1]}ieth" if last.endswith("y") else _ORDINALS.get(last, f"{last}th")
    return f"{head} {last}".strip()


def year(digits: str) -> str:
    """Four digits as a year: 1999 → nineteen ninety nine, 2005 → two thousand five."""
    century, rest = int(digits[:2]), int(digits[2:])
    if century % 10 == 0 and rest < 10:
        return cardinal(digits)
    head = _below_hundred(century)
    if not rest:
        return f"{head} hundred"
    return f"{head} {'oh ' if rest < 10 else ''}{_below_hundred(rest)}"


def decade(digits: str) -> str:
    """1990 → nineteen nineties, 90 → nineties."""
    said = year(digits) if len(digits) == 4 else cardinal(digits)
    return said[:-1] + "ies" if said.endswith("y") else said + "s"


def amount(number: str) -> str:
    """A number with sign, thousands commas and decimals as written."""
    plain = number.replace(",", "")
    sign = "minus " if plain[:1] in "-−" else ""
    whole, _, part = plain.lstrip("+-−").partition(".")
    return sign + cardinal(whole or "0") + (f" point {digit_by_digit(part)}" if part else "")
