"""The makers that a run pins when it opens. A change that alters what comes out raises the version
here.
"""

from dataclasses import dataclass

OFFLINE_WRITER = "offline-2"
ESPEAK_VOICE = "espeak-1"
FRAMES_RENDERER = "frames-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Names with versions; part of every artifact's key."""

    writer: str = OFFLINE_WRITER
    voice: str = ESPEAK_VOICE
    renderer: str = FRAMES_RENDERER
