"""Which voice a new run pins, and whether it may be pinned; without any provider's SDK and without
the model, so that API and worker both ask here.
"""

from urllib.parse import urlsplit

from shared.engines import OPENAI_VOICE, voice_engine
from shared.errors import ServiceError
from shared.installed import missing_of_kokoro
from shared.provider_key import models_question
from shared.runtime.settings import VoiceSettings


class VoiceNotConfiguredError(ServiceError):
    """Something that the chosen voice needs is missing; ``detail`` names it."""

    code = "voice_not_configured"


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


async def check_voice_key(settings: VoiceSettings) -> bool:
    """As ``KeyQuestion.taken``; a voice without a key has nothing to ask."""
    if settings.voice != "openai":
        return True
    address, key = settings.openai_tts_base_url, settings.openai_api_key
    return await models_question(address, key, "OPENAI_API_KEY").taken()
