"""OpenAI's speech, or any server that speaks its protocol: paid, so each call has a receipt."""

from typing import Final

import aiohttp
import numpy as np

from media_worker.speech.online.failures import broken_off, refused
from media_worker.speech.online.finished import RATE, finished
from media_worker.speech.online.splitting import split
from media_worker.speech.online.spread import spread
from media_worker.speech.port import Spoken
from media_worker.speech.speakers import chosen
from shared.artifacts.away import patiently
from shared.artifacts.calls import CallFailedError, Charge, Reply
from shared.artifacts.receipts import Attempt, Call, PaidCalls, Ticket
from shared.artifacts.store import ArtifactStore
from shared.errors import StageError
from shared.messages.base import Language
from shared.runtime.settings import VoiceSettings
from shared.voice_choice import openai_engine

_CONNECT_S: Final = 10
_PAUSE_S: Final = 0.3


class OpenAISpeech:
    """The provider tells no word times: they are spread over what is heard."""

    def __init__(
        self, settings: VoiceSettings, artifacts: ArtifactStore, calls: PaidCalls | None = None
    ) -> None:
        self.engine = openai_engine(settings)
        self._settings = settings
        self._artifacts = artifacts
        self._calls = calls or PaidCalls(artifacts)

    async def speak(
        self,
        text: str,
        *,
        language: Language,
        speaker: str,
        speed: float = 1.0,
        ticket: Ticket | None = None,
    ) -> Spoken:
        """Without a ticket the call is made and paid for at once, and no receipt is kept."""
        who = chosen(self.engine, language, speaker)
        sounds: list[np.ndarray] = []
        for number, part in enumerate(split(text)):
            order: dict[str, object] = {
                "model": self._settings.openai_tts_model,
                "voice": who.id,
                "input": part,
                "response_format": "pcm",
                "speed": round(who.pace * speed, 3),
            }
            reply = await self._paid(order, ticket, f"speech-{number}")
            body = await self._artifacts.read(reply.blobs["pcm"])
            pause = [np.zeros(round(RATE * _PAUSE_S), np.float32)] if sounds else []
            sounds += [*pause, np.frombuffer(body, "<i2").astype(np.float32) / 32768]
        samples = np.concatenate(sounds)
        cost = {"characters": float(len(text))}
        spoken = finished(samples, spread(text, language, samples, RATE), cost)
        if spoken is None:
            raise StageError("voice_failed", "nothing in this text can be spoken", retryable=False)
        return spoken

    async def close(self) -> None:
        """Nothing is kept between texts."""

    async def _paid(self, order: dict[str, object], ticket: Ticket | None, part: str) -> Reply:
        if ticket is None:
            return await self._bought(order)

        async def make(_: Attempt) -> Reply:
            return await self._bought(order)

        own = Ticket(
            key=ticket.key, authorisation=ticket.authorisation, run_id=ticket.run_id, part=part
        )
        return await self._calls.retried(own, Call(make=make))

    async def _bought(self, order: dict[str, object]) -> Reply:
        """The one place that costs money. Raises CallFailedError for all that can go wrong."""
        limits = aiohttp.ClientTimeout(
            total=self._settings.voice_timeout_s,
            sock_connect=_CONNECT_S,
            sock_read=self._settings.voice_idle_s,
        )
        url = f"{self._settings.openai_tts_base_url.rstrip('/')}/audio/speech"
        headers = {"Authorization": f"Bearer {self._settings.openai_api_key}"}
        try:
            async with (
                aiohttp.ClientSession(timeout=limits, trust_env=True) as session,
                session.post(url, json=order, headers=headers) as answer,
            ):
                if answer.status != 200:
                    told = await answer.text(errors="replace")
                    raise refused(answer.status, told, answer.headers)
                body = await answer.read()
                kind = answer.content_type
        except (aiohttp.ClientError, TimeoutError) as error:
            raise broken_off(error) from error
        if not kind.startswith(("audio/", "application/octet-stream")) or len(body) < 2:
            why = f"{len(body)} bytes of {kind} where sound was expected"
            raise CallFailedError("reply_invalid", why, charge=Charge.UNKNOWN)
        sound, put = body[: len(body) // 2 * 2], self._artifacts.put_bytes
        blob = await patiently(lambda: put(sound, ".pcm", "audio/L16"))
        return Reply(blobs={"pcm": blob}, cost={"characters": float(len(str(order["input"])))})
