"""How long tasks are expected to take: the weights that are frozen when a run opens. Pure."""

import re
from typing import Final

from shared.engines import Engines
from shared.messages.base import Stage
from shared.messages.commands import VisualKind
from shared.messages.script import Scene, Script
from shared.voices import family
from shared.wishes import wish_of

_VOICE_SHARES: Final = {"espeak": 0.08, "kokoro": 0.9}
_VOICE_SHARE: Final = 0.3
_CLIP_SHARE: Final = 0.7
_ASSEMBLY_SHARE: Final = 0.15
_VISUAL_S: Final[dict[VisualKind, float]] = {"image": 20.0, "footage": 150.0}


def spoken_seconds(text: str) -> float:
    """A rough length of spoken text, in seconds: 4.6 Chinese characters or 2.7 words a second."""
    hanzi = len(re.findall(r"[\u3400-\u9fff]", text))
    words = len(re.findall(r"[A-Za-z0-9]+", text))
    return max(1.0, hanzi / 4.6 + words / 2.7)


def scene_weights(scene: Scene, engines: Engines) -> dict[Stage, float]:
    """The stages of a production that the scene goes through, in order, with their seconds."""
    seconds = spoken_seconds(scene.narration)
    wish = wish_of(scene.card)
    return {
        "voice": seconds * _VOICE_SHARES.get(family(engines.voice), _VOICE_SHARE),
        **({"visual": _VISUAL_S[wish.kind]} if wish else {}),
        "clip": seconds * _CLIP_SHARE,
    }


def assembly_weight(script: Script) -> float:
    spoken = sum(spoken_seconds(scene.narration) for scene in script.scenes)
    return 2 + spoken * _ASSEMBLY_SHARE
