"""What only this worker is told."""

from pydantic import Field

from shared.runtime.settings import Settings

OFFLINE_SLOTS = 2
LLM_SLOTS = 16


class ScriptSettings(Settings):
    """``script_slots``: scripts written at once, and the prefetch. None: 16 where a language model
    does the work elsewhere, 2 where this machine does it.
    """

    script_slots: int | None = Field(default=None, ge=1, le=64)

    def slots(self, *, llm: bool) -> int:
        return self.script_slots or (LLM_SLOTS if llm else OFFLINE_SLOTS)
