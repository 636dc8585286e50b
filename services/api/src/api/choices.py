"""What a user can choose from, and what is refused because there is no such thing."""

from typing import Any, Final

from api.errors import RefusedError
from api.views import ChoiceView, LimitsView, OptionsView
from shared.messages.commands import MAX_SOURCE
from shared.messages.script import MAX_SCENES

_VOICES: Final = (ChoiceView(id="default", name={"zh-CN": "默认", "en": "Default"}),)
_THEMES: Final = (ChoiceView(id="auto", name={"zh-CN": "自动", "en": "Automatic"}),)
_MUSIC: Final = (ChoiceView(id="none", name={"zh-CN": "无", "en": "None"}),)


def options() -> OptionsView:
    """Everything that a form offers, with its limits."""
    return OptionsView(
        limits=LimitsView(article_chars=MAX_SOURCE, scenes=MAX_SCENES),
        languages=["zh-CN", "en"],
        aspects=["16:9", "9:16", "1:1"],
        captions=["plain", "highlight"],
        voices=list(_VOICES),
        themes=list(_THEMES),
        music=list(_MUSIC),
    )


def check(chosen: dict[str, Any]) -> None:
    """Raises RefusedError ``unknown_choice`` for a voice, look or music that does not exist."""
    known = {"voice": _VOICES, "theme": _THEMES, "music": _MUSIC}
    for name, choices in known.items():
        if name in chosen and chosen[name] not in {choice.id for choice in choices}:
            raise RefusedError("unknown_choice", f"{name}: there is no {chosen[name]!r}")
