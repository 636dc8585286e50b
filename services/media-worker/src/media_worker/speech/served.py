"""The voices that this worker has: all that can speak here, so that it serves runs of each."""

from media_worker.settings import MediaSettings
from media_worker.speech.espeak import EspeakSpeech
from media_worker.speech.kokoro.adapter import KokoroSpeech
from media_worker.speech.port import Speech
from shared.installed import missing_of_kokoro


def speeches(settings: MediaSettings) -> list[Speech]:
    """espeak-ng always; the neural voice where it is installed."""
    voices: list[Speech] = [EspeakSpeech()]
    if not missing_of_kokoro():
        voices.append(KokoroSpeech(threads=settings.kokoro_threads))
    return voices
