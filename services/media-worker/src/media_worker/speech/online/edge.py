"""Microsoft Edge's read-aloud voices: free, without a key, with the time of each word."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final, Protocol

import aiohttp
import edge_tts
import structlog
from edge_tts.exceptions import EdgeTTSException
from edge_tts.typing import TTSChunk

from media_worker.speech.online.finished import RATE, decoded, finished
from media_worker.speech.online.matching import matched
from media_worker.speech.port import Spoken
from media_worker.speech.speakers import chosen
from shared.artifacts.calls import CallFailedError, Charge, Clock, SystemClock, retried
from shared.artifacts.receipts import Ticket
from shared.engines import EDGE_VOICE
from shared.errors import StageError
from shared.messages.base import Language
from shared.messages.manifest import Word

_TICKS_A_MS: Final = 10_000
_CONNECT_S: Final = 10
_log = structlog.get_logger()


class Connect(Protocol):
    def __call__(self) -> aiohttp.BaseConnector: ...


class EdgeSpeech:
    """One connection a text. Hiccups are tried again within seconds, since nothing is charged."""

    engine = EDGE_VOICE

    def __init__(
        self,
        *,
        proxy: str = "",
        idle_s: int = 15,
        connect: Connect | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._proxy = proxy or None
        self._idle_s = idle_s
        self._connect = connect
        self._clock = clock or SystemClock()

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
        rate = f"{round((who.pace * speed - 1) * 100):+d}%"
        return await retried(lambda: self._once(text, who.id, rate), self._clock)

    async def close(self) -> None:
        """Nothing is kept between texts."""

    async def _once(self, text: str, voice: str, rate: str) -> Spoken:
        try:
            sound, heard = await self._heard(text, voice, rate)
            words = matched(text, heard)
            samples = decoded(sound)
        except aiohttp.WSServerHandshakeError as refused:
            raise _refused(refused.status) from refused
        except (
            EdgeTTSException,
            aiohttp.ClientError,
            TimeoutError,
            ValueError,
            KeyError,
        ) as broken:
            raise _away(f"{type(broken).__name__}: {broken}") from broken
        if heard and len(samples) * 1000 / RATE < heard[-1].start_ms:
            raise _away("the sound ends before its words do")
        spoken = finished(samples, words)
        if spoken is None:
            raise StageError("voice_failed", "nothing in this text can be spoken", retryable=False)
        return spoken

    async def _heard(self, text: str, voice: str, rate: str) -> tuple[bytes, list[Word]]:
        call = edge_tts.Communicate(
            text,
            voice,
            rate=rate,
            boundary="WordBoundary",
            connector=self._connect() if self._connect else None,
            proxy=self._proxy,
            connect_timeout=_CONNECT_S,
            receive_timeout=self._idle_s,
        )
        sound, words = bytearray(), list[Word]()
        async for part in _lively(call, self._idle_s):
            if "data" in part:
                sound += part["data"]
            elif "offset" in part and "duration" in part and "text" in part:
                begin = int(part["offset"]) // _TICKS_A_MS
                end = begin + int(part["duration"]) // _TICKS_A_MS
                words.append(Word(start_ms=begin, end_ms=end, text=part["text"]))
        return bytes(sound), words


async def _lively(call: edge_tts.Communicate, idle_s: float) -> AsyncIterator[TTSChunk]:
    """What comes, unless nothing comes for too long: the client itself would wait for ever."""
    stream = aiter(call.stream())
    while True:
        async with asyncio.timeout(idle_s):
            part = await anext(stream, None)
        if part is None:
            return
        yield part


def _refused(status: int) -> CallFailedError:
    if status in {401, 403}:
        why = f"the service turned us away ({status}); its terms may have changed"
        return CallFailedError("provider_rejected", why, charge=Charge.NO)
    if status == 429:
        return CallFailedError("provider_busy", "too many requests", charge=Charge.NO, again_s=0)
    return _away(f"the service answered {status}")


def _away(why: str) -> CallFailedError:
    return CallFailedError("provider_unavailable", why, charge=Charge.NO, again_s=0)
