"""Voices on the network, each at a server of ours; what is known of the sound that it makes."""

import io
import wave
from typing import Any
from uuid import uuid4

from support.clocks import HastyClock
from support.edge_server import EdgeServer
from support.speech_server import GOOD_KEY, SpeechServer
from support.tones import LEAD_MS, tones

from media_worker.speech.online.edge import EdgeSpeech
from media_worker.speech.online.openai import OpenAISpeech
from media_worker.speech.port import Spoken
from shared.artifacts.receipts import PaidCalls, Ticket
from shared.artifacts.store import ArtifactStore
from shared.runtime.settings import VoiceSettings

TEXT = "雨水花园让城市呼吸，AI也能帮忙。你说呢？"
ENGLISH = "Rain gardens let the whole city breathe, and AI can help. Don't you think so?"
# The silence that is left before the first word.
_KEPT_MS = 25


def edge_speech(server: EdgeServer, clock: HastyClock | None = None, idle_s: int = 5) -> EdgeSpeech:
    return EdgeSpeech(connect=server.connect, clock=clock or HastyClock(), idle_s=idle_s)


def settings(server: SpeechServer, **changes: Any) -> VoiceSettings:
    wanted = {"openai_api_key": GOOD_KEY, "openai_tts_base_url": server.url, "voice": "openai"}
    return VoiceSettings(**{**wanted, **changes})


def openai_speech(
    server: SpeechServer, artifacts: ArtifactStore, clock: HastyClock | None = None, **changes: Any
) -> OpenAISpeech:
    calls = PaidCalls(artifacts, clock or HastyClock())
    return OpenAISpeech(settings(server, **changes), artifacts, calls)


def a_ticket(authorisation: int = 0) -> Ticket:
    return Ticket(key=f"voice/{'0' * 64}", authorisation=authorisation, run_id=uuid4())


async def said(speech: EdgeSpeech | OpenAISpeech, text: str = TEXT, **more: Any) -> Spoken:
    language = "zh-CN" if "雨" in text else "en"
    return await speech.speak(text, language=language, speaker="default", **more)


def known(text: str = TEXT) -> dict[str, int]:
    """When each word of the server's sound begins, once the silence before it is trimmed."""
    return {word: at - LEAD_MS + _KEPT_MS for word, at, _ in tones(text).words}


def assert_whole(spoken: Spoken, text: str = TEXT) -> None:
    """All of the text in whole words, in times that rise and lie within the sound, which is as
    long as it is told.
    """
    shown = [cue.text for cue in spoken.cues]
    assert "".join("".join(shown).split()) == "".join(text.split())
    if "雨" not in text:
        assert " ".join(shown).split() == text.split()
    times = [t for cue in spoken.cues for word in cue.words for t in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert times[-1] <= spoken.duration_ms
    with wave.open(io.BytesIO(spoken.wav)) as sound:
        assert abs(sound.getnframes() * 1000 / sound.getframerate() - spoken.duration_ms) <= 1
