"""What a demo makes: the article, its language, shape and length, from a user's few words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_stack.errors import StackError

LANGUAGES: Final = ("zh-CN", "en")
ASPECTS: Final = ("16:9", "9:16", "1:1")
SHORTEST, LONGEST = 15, 600
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_HEADING: Final = re.compile(r"\A\s*#\s+(.+)\n")
_UNSAFE: Final = re.compile(r"[^\w\-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    title: str
    article: str
    language: str
    aspect: str
    seconds: int

    @property
    def body(self) -> dict[str, Any]:
        """As POST /projects takes it."""
        return {
            "title": self.title,
            "article": self.article,
            "language": self.language,
            "aspect": self.aspect,
            "targetSeconds": self.seconds,
        }


def order_from(env: Mapping[str, str], examples: Path) -> Order:
    """From ``DEMO_ARTICLE``, ``DEMO_LANGUAGE``, ``DEMO_ASPECT``, ``DEMO_SECONDS``; all may be
    empty or absent. Without an article it is the example in the language.

    Raises StackError in words when one of them makes no sense.
    """
    language = env.get("DEMO_LANGUAGE") or ""
    if language not in {"", *LANGUAGES}:
        raise StackError(f"LANGUAGE is one of {', '.join(LANGUAGES)}, not {language!r}")
    said = env.get("DEMO_ARTICLE") or ""
    file = Path(said).expanduser() if said else examples / f"article.{language or 'zh-CN'}.md"
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as unreadable:
        raise StackError(f"The article can't be read as text: {file} ({unreadable})") from None
    title, article = titled(text, file.stem)
    seconds = env.get("DEMO_SECONDS") or "60"
    if not seconds.isdecimal() or not SHORTEST <= int(seconds) <= LONGEST:
        raise StackError(f"SECONDS is a number from {SHORTEST} to {LONGEST}, not {seconds!r}")
    if not _LETTER.search(article):
        raise StackError(f"There is nothing to tell in {file}")
    aspect = env.get("DEMO_ASPECT") or ASPECTS[0]
    if aspect not in ASPECTS:
        raise StackError(f"ASPECT is one of {', '.join(ASPECTS)}, not {aspect!r}")
    return Order(
        title=title,
        article=article,
        language=language or language_of(article),
        aspect=aspect,
        seconds=int(seconds),
    )


def titled(text: str, otherwise: str) -> tuple[str, str]:
    """A first heading is the title, and no part of what is narrated."""
    heading = _HEADING.match(text)
    if heading is None:
        return otherwise[:200], text.strip()
    return heading.group(1).strip()[:200], text[heading.end() :].strip()


def language_of(text: str) -> str:
    """Chinese when a fifth of the letters are."""
    letters = len(_LETTER.findall(text)) or 1
    return "zh-CN" if len(_HAN.findall(text)) / letters > 0.2 else "en"


def file_name(title: str) -> str:
    """The title as a file's name, in any script, without what shells and systems dislike."""
    return _UNSAFE.sub("-", title).strip("-")[:80] or "video"
