"""The neural offline voice behind its port."""

from typing import Final

from media_worker.speech.cues import cued
from media_worker.speech.port import Spoken
from media_worker.speech.servant import Servant
from media_worker.speech.speakers import chosen
from media_worker.speech.wav import wav
from shared.artifacts.receipts import Ticket
from shared.engines import KOKORO_VOICE
from shared.errors import StageError
from shared.installed import kokoro_folder
from shared.messages.base import Language
from shared.messages.manifest import Word

_MODULE: Final = "media_worker.speech.kokoro.child"


class KokoroSpeech:
    """Loads the model at the first text and keeps it; speaks one text after the other."""

    engine = KOKORO_VOICE

    def __init__(self, *, threads: int) -> None:
        self._servant = Servant(_MODULE, str(threads))

    async def speak(
        self,
        text: str,
        *,
        language: Language,
        speaker: str,
        speed: float = 1.0,
        ticket: Ticket | None = None,  # noqa: ARG002  (the port's; nothing is paid)
    ) -> Spoken:
        who = chosen(self.engine, language, speaker)
        question = {
            "text": text,
            "language": language,
            "voice": str(kokoro_folder() / f"{who.id}.bin"),
            "speed": round(who.pace * speed, 4),
            "pause": speed,
        }
        head, pcm = await self._servant.ask(question)
        words = [Word(start_ms=a, end_ms=b, text=shown) for a, b, shown in head["words"]]
        if not pcm:
            raise StageError("voice_failed", "nothing in this text can be spoken", retryable=False)
        duration = len(pcm) // 2 * 1000 // head["rate"]
        return Spoken(wav=wav(pcm, head["rate"]), duration_ms=duration, cues=cued(words))

    async def close(self) -> None:
        await self._servant.end()
