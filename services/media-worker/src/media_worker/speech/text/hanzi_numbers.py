"""Numbers as Chinese says them. Pure."""

from typing import Final

DIGITS: Final = "零一二三四五六七八九"
_PLACES: Final = ("", "十", "百", "千")
_MYRIADS: Final = ("", "万", "亿", "万亿", "亿亿")
_LONGEST: Final = 16


def digit_by_digit(digits: str, *, one: str = "一") -> str:
    """``one`` is how 1 is said: 幺 in telephone numbers."""
    return "".join(one if digit == "1" else DIGITS[int(digit)] for digit in digits)


def cardinal(digits: str) -> str:
    """A whole number: 1005 → 一千零五, 2300 → 两千三百. Codes (a leading zero, or longer than 16
    digits) digit by digit.
    """
    if len(digits) > _LONGEST or (len(digits) > 1 and digits[0] == "0"):
        return digit_by_digit(digits)
    if int(digits) == 0:
        return DIGITS[0]
    said, gap = "", False
    for index in range(-(-len(digits) // 4) - 1, -1, -1):
        end = len(digits) - 4 * index
        group = int(digits[max(0, end - 4) : end])
        if not group:
            gap = bool(said)
            continue
        if said and (gap or group < 1000):
            said += DIGITS[0]
        said += _below_myriad(group) + _MYRIADS[index]
        gap = False
    if said.startswith("一十"):
        said = said[1:]
    return _with_liang(said)


def _with_liang(said: str) -> str:
    """两 in front of 百, 千, 万, 亿 where the number begins."""
    return "两" + said[1:] if len(said) > 1 and said[0] == "二" and said[1] in "百千万亿" else said


def _below_myriad(number: int) -> str:
    said, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            said += (DIGITS[0] if gap and said else "") + DIGITS[digit] + _PLACES[place]
        gap = not digit
    return said


def amount(number: str) -> str:
    """A number with sign, commas and decimals as written: -1,200.05 → 负一千二百点零五."""
    plain = number.replace(",", "").replace("，", "")
    sign = "负" if plain[:1] in "-−" else ""
    whole, _, part = plain.lstrip("+-−").partition(".")
    return sign + cardinal(whole or "0") + (f"点{digit_by_digit(part)}" if part else "")


def counted(number: str) -> str:
    """As ``amount``, in front of a measure word: 2 is 两."""
    return "两" if number == "2" else amount(number)
