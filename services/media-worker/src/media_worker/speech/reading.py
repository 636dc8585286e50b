"""Text as it is read aloud: clauses, runs of one script, figures in words. Pure."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from shared.messages.base import Language

Voice = Literal["cmn", "en-us"]

_BREAK: Final = re.compile(r"[，。！？；：、…\n]+|(?<!\d)[,.!?;:]+|[,.!?;:]+(?!\d)")
_LONG_PAUSE: Final = frozenset("。！？!?…")
_DIGITS: Final = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
# As Chinese keyboards may write them.
_NARROW: Final = str.maketrans("０１２３４５６７８９．", "0123456789.")
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z'’&+.\-]*(?:\s+[A-Za-z][A-Za-z'’&+.\-]*)*")
_SPEAKABLE: Final = re.compile(r"[\w]")

SHORT_PAUSE_MS: Final = 160
LONG_PAUSE_MS: Final = 340


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch that one voice reads."""

    voice: Voice
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """``shown`` is the caption's text, ``runs`` what is read, ``pause_ms`` the silence after it."""

    shown: str
    runs: tuple[Run, ...]
    pause_ms: int


def clauses(text: str, language: Language) -> list[Clause]:
    """The text cut at its punctuation; nothing of it is lost. Clauses with nothing to read join
    the one before.
    """
    shown: list[str] = []
    for piece in _pieces(text):
        if (shown and not _SPEAKABLE.search(piece)) or (shown and not _SPEAKABLE.search(shown[-1])):
            shown[-1] += piece
        else:
            shown.append(piece)
    return [
        Clause(shown=piece.strip(), runs=_runs(piece, language), pause_ms=_pause(piece))
        for piece in shown
        if piece.strip()
    ]


def _pieces(text: str) -> list[str]:
    """Cut after punctuation, but not inside figures such as 3.5 or 1,200."""
    pieces, start = list[str](), 0
    for match in _BREAK.finditer(text):
        end = match.end()
        while end < len(text) and text[end] in "”’」』）)\"'":
            end += 1
        if end > start:
            pieces.append(text[start:end])
            start = end
    pieces.append(text[start:])
    return [piece for piece in pieces if piece]


def _pause(piece: str) -> int:
    tail = piece.rstrip("”’」』）)\"' ")[-1:]
    return LONG_PAUSE_MS if tail in _LONG_PAUSE or tail == "." else SHORT_PAUSE_MS


def _runs(piece: str, language: Language) -> tuple[Run, ...]:
    if language == "en" and not re.search(r"[\u3400-\u9fff]", piece):
        return (Run(voice="en-us", text=_english(piece)),)
    text = _chinese_figures(piece) if language == "zh-CN" else piece
    runs: list[Run] = []
    at = 0
    for match in _LATIN.finditer(text):
        _add(runs, "cmn", text[at : match.start()])
        _add(runs, "en-us", _spelled(match.group()))
        at = match.end()
    _add(runs, "cmn", text[at:])
    return tuple(runs) or (Run(voice="cmn", text=piece),)


def _add(runs: list[Run], voice: Voice, text: str) -> None:
    if _SPEAKABLE.search(text):
        runs.append(Run(voice=voice, text=text.strip()))


def _chinese_figures(text: str) -> str:
    """Years digit by digit, per cent and signs in words; plain figures the voice reads by
    itself.
    """
    text = text.translate(_NARROW)
    text = re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", text)
    text = re.sub(r"([0-9]{4})(?=\s*年)", lambda m: "".join(_DIGITS[d] for d in m.group()), text)
    text = re.sub(r"([0-9]+(?:\.[0-9]+)?)\s*[%％]", r"百分之\1", text)
    text = re.sub(
        r"([0-9])\.([0-9]+)", lambda m: f"{m[1]}点{''.join(_DIGITS[d] for d in m[2])}", text
    )
    text = re.sub(r"(?<=[0-9])\s*[~～—-]\s*(?=[0-9])", "到", text)
    text = re.sub(r"(?<=[0-9])\s*℃", "摄氏度", text)
    return re.sub(r"(?<=[0-9])\s*(km|kg|cm|mm|m)(?![A-Za-z])", lambda m: _UNITS[m[1]], text)


_UNITS: Final = {"km": "公里", "kg": "公斤", "cm": "厘米", "mm": "毫米", "m": "米"}


def _english(text: str) -> str:
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    return re.sub(r"(\d)\s*%", r"\1 percent", text)


def _spelled(latin: str) -> str:
    """Acronyms letter by letter, words as words."""
    return re.sub(r"\b[A-Z]{2,5}\b", lambda m: " ".join(m.group()), latin)
