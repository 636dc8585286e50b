"""Addresses of pages and mail: said by their words, not by their signs. Pure."""

import re
from typing import Final

ADDRESS: Final = re.compile(
    r"(?:https?://|www\.)[\w./?=&%#~+-]*[\w/]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w.])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|cn|io|ai|dev|edu|gov)\b(?:/[\w./-]*\w)?",
    re.ASCII,
)


def parts(address: str) -> list[str]:
    """example.com/a → example, ., com, /, a; the scheme is not said."""
    bare = re.sub(r"^https?://", "", address).rstrip("/")
    return re.findall(r"[A-Za-z]+|\d+|[@./]", bare)
