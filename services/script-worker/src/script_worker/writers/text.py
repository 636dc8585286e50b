"""Text as people paste it, made plain; and short forms that break no word."""

import html
import re
import unicodedata
from typing import Final

from script_worker.writers.words import CJK, pieces

_BLOCK_TAG: Final = re.compile(
    r"(?i)</?(?:p|div|br|li|ul|ol|h[1-6]|tr|section|article)\b[^<>]{0,300}>"
)
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]{0,300}>|<!--.{0,2000}?-->", re.DOTALL)
_BLANK: Final = re.compile(r"[ \t\u00a0\u3000\u2000-\u200b]+")
_LINK: Final = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
_EMPHASIS: Final = re.compile(
    r"(\*\*|__|~~|`{1,3})([^\s*_~`][^*~`\n]{0,300}?)(?<=\S)\1"
    r"|(?<![\w*])\*([^\s*][^*\n]{0,300}?)(?<=\S)\*(?![\w*])"
)
_NO_SPACE: Final = re.compile(r"[\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uff00-\uffef“”‘’…—]")


def plain(text: str) -> str:
    """Line ends as ``\\n``, tags and control characters gone, entities read, no other change."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = (
        text.replace("\u2029", "\n\n")
        .replace("\ufeff", "")
        .replace("\x0b", "\n")
        .replace("\x0c", "\n")
    )
    if "<" in text:
        text = _TAG.sub("", _BLOCK_TAG.sub("\n", text))
    if "&" in text:
        text = html.unescape(text).replace("\r", "\n")
    return printable(text)


def printable(text: str) -> str:
    """Without control characters, but for line ends and tabs."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})


def one_line(text: str) -> str:
    """Any white space as one blank."""
    return _BLANK.sub(" ", " ".join(text.split())).strip()


def unmarked(text: str) -> str:
    """Inline Markdown (emphasis, code, links) as its plain words."""
    text = _LINK.sub(r"\1", text)
    for _ in range(3):
        text = _EMPHASIS.sub(lambda m: m[2] or m[3], text)
    return text


def joined(first: str, second: str) -> str:
    """Two texts in a row, with a blank between them only where their script wants one."""
    if not first or not second:
        return first or second
    tight = _NO_SPACE.match(first[-1]) and (_NO_SPACE.match(first[-1]) or CJK.match(second[0]))
    return first + ("" if tight else " ") + second


def shortened(text: str, limit: int) -> str:
    """At most ``limit`` characters, ending at a word with an ellipsis where it was cut."""
    text = text.strip()
    if len(text) <= limit:
        return text
    kept = ""
    for piece in pieces(text[: limit + 40]):
        if len(kept) + len(piece) > limit - 1:
            break
        kept += piece
    return (kept.rstrip(' ,，、；;：:（(“"') or text[: limit - 1]) + "…"
