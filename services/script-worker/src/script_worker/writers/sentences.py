"""A paragraph as sentences, with quotes, decimals and abbreviations whole."""

import re
from collections.abc import Iterator
from typing import Final

from script_worker.writers.lexicon import ABBREVIATIONS, ENDING_ABBREVIATIONS, STOP
from script_worker.writers.text import one_line, unmarked
from script_worker.writers.words import CJK, pieces, sayable

LONGEST: Final = 240  # characters; what is longer is cut at clauses and told in several scenes
_CLOSERS: Final = "”’」』）)】》\"'"
_ENDS: Final = "。！？!?؟۔।"
_PAIRS: Final = {"“": "”", "「": "」", "『": "』", "（": "）", "(": ")", "《": "》"}
_LONGEST_QUOTE: Final = 160
_SPEECH: Final = re.compile(r"[^，。！？“”\s]{0,8}(?:说|道|问|答|表示|喊|写道|指出|认为)")


def split(paragraph: str) -> list[str]:
    """Sentences of one paragraph; nothing is lost but blanks and what no voice can say."""
    text = one_line(unmarked(paragraph))
    found: list[str] = []
    start = 0
    for end in _ends(text):
        found.append(text[start:end].strip())
        start = end
    found.append(text[start:].strip())
    return [part for sentence in found for part in _bounded(sentence) if sayable(part)]


def clauses(text: str) -> list[str]:
    """``text`` cut after its inner marks; joined they are ``text``."""
    return [c for c in re.findall(r".*?(?:[；;，,：:、。！？!?](?!\d)|——|$)", text) if c]


def _ends(text: str) -> Iterator[int]:
    """Where sentences of ``text`` end, the end of the text left out."""
    start = index = 0
    while index < len(text):
        closing = _closing(text, index)
        if closing:
            close = text.find(closing, index + 1, index + _LONGEST_QUOTE)
            inner = text[index + 1 : close] if close > 0 else ""
            index = close if close > 0 else index + 1
            if not inner or inner[-1] not in "。！？!?.…" or closing in "）)》":
                index += close > 0
                continue
        elif not _stops(text, index):
            index += 1
            continue
        index = _after(text, index)
        if index < len(text) and not _goes_on(text, start, index):
            yield index
            start = index


def _closing(text: str, index: int) -> str:
    """The mark that would close a quotation or bracket opening at ``index``, or nothing."""
    if text[index] == '"':
        return '"' if index == 0 or text[index - 1] in " (：:，" else ""
    return _PAIRS.get(text[index], "")


def _stops(text: str, index: int) -> bool:
    mark = text[index]
    if mark in _ENDS:
        return True
    if mark != "." or (index + 1 < len(text) and text[index + 1] not in " ." + _CLOSERS):
        return False
    word = re.search(r"[\w.]*$", text[max(0, index - 20) : index])
    low = word[0].lower().lstrip(".") if word else ""
    if low in ABBREVIATIONS or (len(low) == 1 and low.isalpha() and low != "i"):
        return False
    if low in ENDING_ABBREVIATIONS:
        after = re.match(r"\.\s+([A-Z][a-z']*)", text[index:])
        return bool(after and after[1].lower() in STOP)
    return True


def _after(text: str, index: int) -> int:
    index += 1
    while index < len(text) and text[index] in _ENDS + "….~～" + _CLOSERS:
        index += 1
    return index


def _goes_on(text: str, start: int, end: int) -> bool:
    """Whether the sentence goes on behind its mark: ``"Stop!" she said``, ``“好！”他说``."""
    rest = text[end:].lstrip()
    if rest[:1].islower() or rest[:1] in "，,；;：:、":
        return True
    if (
        text[end - 1] in "!?."
        and end < len(text)
        and text[end] not in " \u3000"
        and not CJK.match(rest)
    ):
        return True
    return text[start:end].lstrip()[:1] in "“「『" and bool(_SPEECH.match(rest))


def _bounded(sentence: str) -> Iterator[str]:
    """The sentence, or, where it is longer than any scene should be, its parts."""
    if len(sentence) <= LONGEST:
        yield sentence
        return
    part = ""
    for clause in clauses(sentence):
        for piece in pieces(clause) if len(clause) > LONGEST else [clause]:
            for at in range(0, len(piece), LONGEST):
                bit = piece[at : at + LONGEST]
                if len(part) + len(bit) > LONGEST:
                    yield part.strip()
                    part = ""
                part += bit
    yield part.strip()
