"""Latin words and acronyms as both languages say them: letter by letter, or as a word. Pure."""

import re
from typing import Final

# Capitals that are words of their own.
_WORDS: Final = frozenset({
    "NASA", "NATO", "UNESCO", "UNICEF", "OPEC", "ASEAN", "LASER", "RADAR", "SONAR", "SIM",
    "PIN", "GIF", "RAM", "ROM", "LAN", "WAN", "COVID", "AIDS", "SARS", "BIOS", "CAPTCHA",
    "NAND", "SWAT", "FIFA", "OPPO", "VIVO", "IKEA", "LEGO", "NIKE", "KPOP", "SOHO",
    "THE", "AND", "NOT", "ALL", "YES", "NO", "NEW", "FREE", "OUR", "ARE", "MUST", "NEVER",
})  # fmt: skip
_SAID: Final = {
    "OK": "okay",
    "APP": "app",
    "JPEG": "jay peg",
    "WiFi": "why fye",
    "Wi-Fi": "why fye",
    "WIFI": "why fye",
    "MySQL": "my S Q L",
    "PostgreSQL": "post gress Q L",
    "iOS": "I O S",
    "SQLite": "S Q light",
    "SaaS": "sass",
    "OpenAI": "open A I",
    "ChatGPT": "chat G P T",
    "GitHub": "git hub",
    "YouTube": "you tube",
    "MoviePy": "movie pie",
    "RabbitMQ": "rabbit M Q",
    "NumPy": "num pie",
    "LaTeX": "lay tech",
    "vs": "versus",
    "etc": "et cetera",
}
_OWNER: Final = re.compile(r"(.*[A-Z])['’]s")
_PARTS: Final = re.compile(
    r"[A-Z]{2,}(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z'’]+|[A-Z]|[^A-Za-z]+"
)


def said(word: str) -> str:
    """A word of letters: AI → A I, NASA → nasa, DeepSeek → deep seek, ReLU → re L U."""
    if word in _SAID:
        return _SAID[word]
    if owner := _OWNER.fullmatch(word):
        return f"{said(owner[1])} 's"
    if word in _WORDS or (word.isupper() and len(word) > 5):
        return word.lower()
    if word.isupper() or (word[:-1].isupper() and word[-1] == "s" and len(word) > 2):
        return spelled(word.rstrip("s")) + (" 's" if word[-1] == "s" else "")
    if re.search(r"[a-z][A-Z]", word):
        return " ".join(said(part) for part in _PARTS.findall(word))
    return word


def spelled(letters: str) -> str:
    return " ".join(letters.upper())
