"""The makers that a run pins when it opens. A change that alters what comes out raises the version
here.
"""

from dataclasses import dataclass
from typing import Final

OFFLINE_WRITER = "offline-3"
ESPEAK_VOICE = "espeak-1"
KOKORO_VOICE = "kokoro-1"
EDGE_VOICE = "edge-1"
OPENAI_VOICE = "openai-1"
FRAMES_RENDERER = "frames-4"
IMAGE_MAKER = "image-1"
FOOTAGE_MAKER = "footage-1"
# How a renderer makes a scene small, and how it joins scenes and levels their sound.
SCENE_PREVIEW = "preview-1"
VIDEO_ASSEMBLY = "assembly-1"

VOICES: Final = {
    "kokoro": KOKORO_VOICE,
    "espeak": ESPEAK_VOICE,
    "edge": EDGE_VOICE,
    "openai": OPENAI_VOICE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Names with versions; part of every artifact's key. Empty: nobody is configured for it."""

    writer: str = OFFLINE_WRITER
    voice: str = ESPEAK_VOICE
    renderer: str = FRAMES_RENDERER
    image: str = ""
    footage: str = ""


def voice_engine(wanted: str, *, kokoro: bool) -> str:
    """The voice that a new run pins: the one that is named, or, for "auto", the neural voice where
    it is installed (``kokoro``) and espeak-ng where it is not.
    """
    if wanted == "auto":
        return KOKORO_VOICE if kokoro else ESPEAK_VOICE
    return VOICES[wanted]
