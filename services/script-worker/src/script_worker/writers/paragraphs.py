"""An article as paragraphs: their sentences, the headings above them, lists as such."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from script_worker.writers.sentences import split
from script_worker.writers.text import joined, one_line, plain, unmarked
from script_worker.writers.words import CJK, sayable

_ITEM: Final = re.compile(
    r"^\s*(?:[-*+•·●▪]|(\d{1,2}[.)、]|[（(]\d{1,2}[)）]|[①-⑳]))\s*(?=\S)(?!\d)"
)
_HEADING: Final = re.compile(r"^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_SOFT_END: Final = re.compile(r"[。！？!?；;：:.…，,、”\"」』）)]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """``heading`` is the line above it, if any; the sentences of a ``listed`` one are items."""

    sentences: tuple[str, ...]
    heading: str = ""
    listed: bool = False
    ordered: bool = False


def paragraphs(text: str) -> list[Paragraph]:
    """The paragraphs of an article that have something to say, in order."""
    found: list[Paragraph] = []
    heading = ""
    lines = list(_lines(plain(text)))
    for index, block in enumerate(lines):
        title = _heading(block, last=index == len(lines) - 1)
        if title:
            heading = title
            continue
        made = _paragraph(block, heading)
        if made.sentences:
            found.append(made)
            heading = ""
    if heading:
        found.append(Paragraph(sentences=tuple(split(heading))))
    return found


def _lines(text: str) -> Iterator[list[str]]:
    """Blocks of lines that belong together: one paragraph, or the items of one list."""
    block: list[str] = []
    for line in [*text.split("\n"), ""]:
        if block and not _continues(block, line):
            yield block
            block = []
        if line.strip():
            block.append(line.strip())


def _continues(block: list[str], line: str) -> bool:
    """A wrapped line goes on where the last one stopped; the items of a list stay together."""
    if not line.strip() or _HEADING.match(line) or _HEADING.match(block[-1]):
        return False
    if _ITEM.match(line):
        return bool(_ITEM.match(block[-1]))
    return (
        not _ITEM.match(block[-1])
        and len(block[-1]) >= 40
        and not re.search(r"[。！？!?.…:：；;”\"]$", block[-1])
    )


def _heading(block: list[str], *, last: bool) -> str:
    marked = _HEADING.match(block[0])
    if marked:
        return one_line(unmarked(marked[1]))
    line = one_line(unmarked(block[0]))
    short = len(line) <= 30 if CJK.search(line) else len(line.split()) <= 10
    bare = len(block) == 1 and not _ITEM.match(block[0]) and not _SOFT_END.search(line)
    return line if bare and short and not last and sayable(line) else ""


def _paragraph(block: list[str], heading: str) -> Paragraph:
    marks = [_ITEM.match(line) for line in block]
    if len(block) > 1 and all(marks):
        items = [sentence for line in block for sentence in _item(_ITEM.sub("", line))]
        ordered = all(mark and mark[1] for mark in marks)
        return Paragraph(sentences=tuple(items), heading=heading, listed=True, ordered=ordered)
    text = ""
    for line in block:
        text = joined(text, line.lstrip("> "))
    return Paragraph(sentences=tuple(split(text)), heading=heading)


def _item(line: str) -> list[str]:
    found = split(line)
    if found and not _SOFT_END.search(found[-1]):
        found[-1] += "。" if CJK.search(found[-1]) else "."
    return found
