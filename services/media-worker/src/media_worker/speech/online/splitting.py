"""A text in parts that a provider takes, cut behind sentences. Pure."""

import re
from typing import Final

MOST_CHARACTERS: Final = 3_500


def split(text: str, most: int = MOST_CHARACTERS) -> list[str]:
    """Parts of at most ``most`` characters, together the whole text but for blanks at the cuts."""
    parts = [""]
    for sentence in re.findall(r".*?(?:[。！？!?…\n]+|\.\s|$)", text, re.DOTALL):
        for start in range(0, len(sentence), most):
            piece = sentence[start : start + most]
            if len(parts[-1]) + len(piece) > most:
                parts.append("")
            parts[-1] += piece
    return [part.strip() for part in parts if part.strip()] or [text]
