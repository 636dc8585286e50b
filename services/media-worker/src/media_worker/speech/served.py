"""The voices that this worker has: all that can speak here, so that it serves runs of each.

One that is not installed or has no key is not loaded: dictionaries and client libraries take time.
"""

import structlog

from media_worker.settings import MediaSettings
from media_worker.speech.espeak import EspeakSpeech
from media_worker.speech.online.edge import EdgeSpeech
from media_worker.speech.port import Speech
from shared.artifacts.store import ArtifactStore
from shared.installed import missing_of_kokoro
from shared.runtime.settings import VoiceSettings

_log = structlog.get_logger()


def offline(settings: MediaSettings) -> list[Speech]:
    """espeak-ng always; the neural voice where it is installed."""
    voices: list[Speech] = [EspeakSpeech()]
    if missing := missing_of_kokoro():
        _log.warning("voice.missing", engine="kokoro", missing=missing)
    else:
        from media_worker.speech.kokoro.adapter import KokoroSpeech  # noqa: PLC0415

        voices.append(KokoroSpeech(threads=settings.kokoro_threads))
    return voices


def speeches(
    media: MediaSettings, settings: VoiceSettings, artifacts: ArtifactStore
) -> list[Speech]:
    """The offline ones, Edge's, and OpenAI's where there is a key."""
    voices = offline(media)
    voices.append(EdgeSpeech(proxy=settings.edge_proxy, idle_s=round(settings.voice_idle_s)))
    if settings.openai_api_key:
        from media_worker.speech.online.openai import OpenAISpeech  # noqa: PLC0415

        voices.append(OpenAISpeech(settings, artifacts))
    return voices
