"""Which voice a new run pins, and whether it may be pinned; without any provider's SDK and without
the model, so that API and worker both ask here.
"""

import asyncio
import http.client
from typing import Final
from urllib.parse import SplitResult, urlsplit

from shared.engines import OPENAI_VOICE, voice_engine
from shared.errors import ServiceError
from shared.installed import missing_of_kokoro
from shared.runtime.settings import VoiceSettings

_PROBE_S: Final = 5.0


class VoiceNotConfiguredError(ServiceError):
    """Something that the chosen voice needs is missing; ``detail`` names it."""

    code = "voice_not_configured"


class VoiceKeyRefusedError(ServiceError):
    """The provider does not take the key. Found out by a call that costs nothing."""

    code = "provider_key_refused"


def pinned_voice(settings: VoiceSettings) -> str:
    """The engine of new runs on this machine. Does not look whether it can speak here: in a
    cluster the workers may have what the API has not. See ``check_voice``.
    """
    if settings.voice == "openai":
        return openai_engine(settings)
    return voice_engine(settings.voice, kokoro=not missing_of_kokoro())


def openai_engine(settings: VoiceSettings) -> str:
    """Another model, or another server, sounds different: both are part of the name."""
    place = urlsplit(settings.openai_tts_base_url).netloc.rpartition("@")[2]
    usual = VoiceSettings.model_fields["openai_tts_base_url"].default
    own = "" if settings.openai_tts_base_url == usual else f"{place}/"
    return f"{OPENAI_VOICE}:{own}{settings.openai_tts_model}"


def check_voice(settings: VoiceSettings) -> None:
    """Raises VoiceNotConfiguredError when the voice that is named lacks something here."""
    if settings.voice == "kokoro" and (lacking := missing_of_kokoro()):
        raise VoiceNotConfiguredError(f"VOICE=kokoro lacks {', '.join(lacking)}")
    if settings.voice != "openai":
        return
    if not settings.openai_api_key:
        raise VoiceNotConfiguredError("VOICE=openai needs OPENAI_API_KEY")
    address = urlsplit(settings.openai_tts_base_url)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise VoiceNotConfiguredError("OPENAI_TTS_BASE_URL is no http(s) address")


async def check_voice_key(settings: VoiceSettings) -> None:
    """Asks the provider for its models, which costs nothing; raises VoiceKeyRefusedError on its
    401 or 403. Any other answer, or none within 5 s, says nothing about the key and passes.
    """
    if settings.voice != "openai":
        return
    base = urlsplit(settings.openai_tts_base_url)
    if await asyncio.to_thread(_status, base, settings.openai_api_key) in {401, 403}:
        raise VoiceKeyRefusedError("the provider does not accept OPENAI_API_KEY")


def _status(base: SplitResult, key: str) -> int | None:
    secure = base.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(base.hostname or "", base.port, timeout=_PROBE_S)
    try:
        path = f"{base.path.rstrip('/')}/models"
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
