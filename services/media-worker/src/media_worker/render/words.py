"""Text → the pieces between which a line may end: words in Chinese too, marks kept where they
belong.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

# Never first in a line; never last.
NO_START: Final = "，。！？；：、,.!?;:…”’」』】》〉）)]}％%‰℃°·～—～ー々"
NO_END: Final = "“‘「『【《〈（([{#￥$"
# A Chinese word longer than this may be cut anywhere.
_WHOLE: Final = 4
_IDEOGRAPHS: Final = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_EMOJI: Final = "\u2190-\u2bff\U0001f000-\U0001faff"
_TAIL: Final = "\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff"
_CLUSTER: Final = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}|[{_EMOJI}][{_TAIL}]*(?:\u200d[{_EMOJI}][{_TAIL}]*)*"
    r"|.[\u0300-\u036f\u0591-\u05c7\u0610-\u065f\u0900-\u0903\u093a-\u094f\u200c\u200d"
    rf"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e{_TAIL}]*",
    re.DOTALL,
)
_TOKENS: Final = re.compile(
    rf"(?P<han>[{_IDEOGRAPHS}]+)|(?P<space>\s+)"
    rf"|(?P<emoji>[\U0001f1e6-\U0001f1ff]{{2}}|[{_EMOJI}][{_TAIL}]*(?:\u200d[{_EMOJI}][{_TAIL}]*)*)"
    r"|(?P<mark>[\u3000-\u303f\uff00-\uffef\u2010-\u2027])"
    rf"|(?P<word>[^\s{_IDEOGRAPHS}{_EMOJI}\u3000-\u303f\uff00-\uffef\u2010-\u2027]+)",
    re.DOTALL,
)
_PARTS: Final = re.compile(r"[^-/]*[-/]+(?=\w)|.+", re.DOTALL)


@lru_cache(maxsize=1024)
def units(text: str) -> tuple[str, ...]:
    """The text (its spaces made single) in pieces that a line holds whole where it can."""
    glued: list[str] = []
    for token in _tokens(" ".join(text.split())):
        holds = glued and (
            token.isspace() or token[0] in NO_START or glued[-1].rstrip()[-1:] in tuple(NO_END)
        )
        if holds:
            glued[-1] += token
        else:
            glued.append(token)
    return tuple(glued)


def clusters(text: str) -> list[str]:
    """What a reader sees as one character each."""
    return [found[0] for found in _CLUSTER.finditer(text)]


def _tokens(text: str) -> Iterator[str]:
    for found in _TOKENS.finditer(text):
        token = found[0]
        if found.lastgroup == "han":
            yield from _chinese(token)
        elif found.lastgroup == "word":
            yield from _PARTS.findall(token)
        else:
            yield token


def _chinese(text: str) -> Iterator[str]:
    import rjieba  # noqa: PLC0415  (its dictionary is read then: only where there is Chinese)

    for word in rjieba.cut(text):
        if len(word) > _WHOLE:
            yield from word
        else:
            yield str(word)
