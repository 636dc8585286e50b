"""Which speaker is meant, or why none is."""

from shared import voices
from shared.errors import StageError
from shared.messages.base import Language
from shared.voices import Speaker


def chosen(engine: str, language: Language, speaker: str) -> Speaker:
    found = voices.find(engine, language, speaker)
    if found is None:
        why = f"{engine} has no speaker {speaker!r} for {language}"
        raise StageError("engine_unavailable", why, retryable=False)
    return found
