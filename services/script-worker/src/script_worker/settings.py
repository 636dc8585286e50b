"""What only this worker is told."""

from pydantic import Field

from shared.runtime.settings import Settings


class ScriptSettings(Settings):
    """``script_slots``: scripts written at once, and the prefetch."""

    script_slots: int = Field(default=2, ge=1, le=64)
