"""A Markdown outline as sections: headings, and under each its points, paragraphs, quotes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from script_worker.writers.text import joined, one_line, plain, unmarked
from script_worker.writers.words import sayable

Kind = Literal["text", "points", "steps", "quote"]

_HEADING: Final = re.compile(r"^\s{0,3}(#{1,6})(?:\s+(.*?))?\s*#*\s*$")
_UNDERLINE: Final = re.compile(r"^\s{0,3}(=+|-{2,})\s*$")
_POINT: Final = re.compile(r"^(\s*)(?:[-*+•·●▪◦]|(\d{1,3}[.)、]))\s+(?:\[[ xX]\]\s+)?(.*)$")
_CHINESE_STEP: Final = re.compile(r"^(\s*)(\d{1,3}、)\s*()(.*)$")
_QUOTE: Final = re.compile(r"^\s{0,3}>\s?(.*)$")
_RULE: Final = re.compile(r"^\s*(?:[-*_]\s*){3,}$|^\s*(?:```|~~~)[\w+-]{0,20}\s*$|^[\s|:-]+$")
_ROW: Final = re.compile(r"^\s*\|(.+)\|\s*$")


@dataclass(slots=True, kw_only=True)
class Block:
    """``parts`` are points, or one paragraph, or the lines of one quote."""

    kind: Kind
    parts: list[str]


@dataclass(slots=True, kw_only=True)
class Section:
    """``level`` 0 is what stands before the first heading."""

    title: str
    level: int
    blocks: list[Block] = field(default_factory=list[Block])


def sections(text: str) -> list[Section]:
    """Sections that have something to say, in order; no heading and no point is left out."""
    found = [Section(title="", level=0)]
    for kind, words, level in _lines(text):
        if kind == "heading":
            found.append(Section(title=words, level=level))
        else:
            _add(found[-1], kind, words, gap=level == 0)
    return [section for section in found if section.title or section.blocks]


def _add(section: Section, kind: Kind, words: str, *, gap: bool) -> None:
    last = section.blocks[-1] if section.blocks else None
    if last and last.kind in {"points", "steps"} and kind == "text" and not gap:
        last.parts[-1] = joined(last.parts[-1], words)
    elif last and last.kind == "text" and kind == "text" and not gap:
        last.parts[0] = joined(last.parts[0], words)
    elif last and last.kind == kind and kind != "text":
        last.parts.append(words)
    else:
        section.blocks.append(Block(kind=kind, parts=[words]))


def _lines(text: str) -> Iterator[tuple[Kind | Literal["heading"], str, int]]:
    """Each line's kind, words and level; for text, level 0 says that a blank line stood before."""
    lines = plain(text).split("\n")
    gap = True
    skip = False
    for at, line in enumerate(lines):
        below = lines[at + 1] if at + 1 < len(lines) else ""
        if skip or not line.strip() or _RULE.match(line):
            gap, skip = True, False
            continue
        kind, words, level = _line(line, below)
        skip = kind == "heading" and not _HEADING.match(line)
        words = one_line(unmarked(words))
        if sayable(words):
            yield kind, words, level if kind == "heading" else int(not gap)
        gap = kind == "heading"


def _line(line: str, below: str) -> tuple[Kind | Literal["heading"], str, int]:
    heading = _HEADING.match(line)
    if heading:
        return "heading", heading[2] or "", len(heading[1])
    quote = _QUOTE.match(line)
    if quote:
        return "quote", quote[1], 1
    point = _POINT.match(line) or _CHINESE_STEP.match(line)
    if point:
        nested = len(point[1].expandtabs(4)) >= 2
        words = point[point.lastindex or 3]
        return "steps" if point[2] and not nested else "points", words, 1
    row = _ROW.match(line)
    if row:
        cells = [cell.strip() for cell in row[1].split("|") if cell.strip()]
        return "points", ": ".join([cells[0], ", ".join(cells[1:])]) if cells[1:] else row[1], 1
    underline = _UNDERLINE.match(below)
    if underline:
        return "heading", line, 1 if underline[1][0] == "=" else 2
    return "text", line, 1
