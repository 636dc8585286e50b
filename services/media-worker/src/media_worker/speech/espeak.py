"""The offline floor: espeak-ng, for Chinese and English, mixed in a sentence."""

import json
import struct
from dataclasses import asdict
from typing import Any, Final

from media_worker.children import child
from media_worker.speech.cues import captions
from media_worker.speech.port import Spoken
from media_worker.speech.reading import Clause, clauses
from media_worker.speech.speakers import chosen
from media_worker.speech.wav import wav
from shared.artifacts.receipts import Ticket
from shared.engines import ESPEAK_VOICE
from shared.errors import StageError
from shared.messages.base import Language

_MODULE: Final = "media_worker.speech.child"


class EspeakSpeech:
    """Deterministic. Clauses are spoken singly and joined with pauses, so that each caption's time
    is exact.
    """

    engine = ESPEAK_VOICE

    async def speak(
        self,
        text: str,
        *,
        language: Language,
        speaker: str,
        speed: float = 1.0,
        ticket: Ticket | None = None,  # noqa: ARG002  (the port's; nothing is paid)
    ) -> Spoken:
        chosen(self.engine, language, speaker)
        parts = clauses(text, language)
        rate, spans, pcm = await _synthesized(parts, speed)
        if not pcm:
            raise StageError("voice_failed", "nothing in this text can be spoken", retryable=False)
        timed = [(a, b, part.shown) for part, (a, b) in zip(parts, spans, strict=True)]
        return Spoken(
            wav=wav(pcm, rate),
            duration_ms=len(pcm) // 2 * 1000 // rate,
            cues=captions(timed),
        )

    async def close(self) -> None:
        """Each text has a process of its own: nothing is kept."""


async def _synthesized(
    parts: list[Clause], speed: float
) -> tuple[int, list[tuple[int, int]], bytes]:
    job = {"speed": speed, "clauses": [asdict(part) for part in parts]}
    async with child(_MODULE, job) as process:
        output, errors = await process.communicate()
    if process.returncode:
        detail = errors.decode(errors="replace")[-500:]
        raise StageError(
            "voice_failed", f"espeak-ng ended with {process.returncode}: {detail}", retryable=True
        )
    size = struct.unpack("<I", output[:4])[0]
    head: dict[str, Any] = json.loads(output[4 : 4 + size])
    pcm = output[4 + size :] if head["peak"] > 0 else b""
    return head["rate"], [(a, b) for a, b in head["spans"]], pcm
