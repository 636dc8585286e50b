"""What a user can choose from, and what is refused because there is no such thing."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.errors import RefusedError
from api.views import ChoiceView, LimitsView, OptionsView, VoiceView
from shared import looks, voices
from shared.engines import OFFLINE_WRITER, Engines
from shared.messages.base import Language
from shared.messages.commands import MAX_SOURCE, VisualKind
from shared.messages.script import MAX_ITEM, MAX_SCENES, Card, ListCard, Script, StepsCard
from shared.wishes import missing_of


def options(engines: Engines) -> OptionsView:
    """Everything that a form offers, with its limits; the voices of the engine that new runs
    pin.
    """
    offline = engines.writer == OFFLINE_WRITER
    return OptionsView(
        limits=LimitsView(article_chars=MAX_SOURCE, scenes=MAX_SCENES),
        languages=list(voices.LANGUAGES),
        aspects=["16:9", "9:16", "1:1"],
        captions=["plain", "highlight"],
        voices=[
            _voice(engines.voice, one)
            for language in voices.LANGUAGES
            for one in _speakers(engines, language)
        ],
        revisions=["shorten"] if offline else ["rewrite", "shorten", "custom"],
        themes=[_choice(theme) for theme in looks.THEMES],
        music=[_choice(music) for music in looks.MUSIC],
        visuals=_visuals(engines),
    )


def check(chosen: Mapping[str, Any], language: Language, engines: Engines) -> None:
    """Raises RefusedError ``unknown_choice`` for a voice, look or music that does not exist. The
    caller's own music has been found by then.
    """
    known = {
        "voice": {voices.DEFAULT, *(one.id for one in _speakers(engines, language))},
        "theme": {theme.id for theme in looks.THEMES},
        "music": {music.id for music in looks.MUSIC},
    }
    for name, ids in known.items():
        value = chosen.get(name)
        if name == "music" and value is not None and looks.is_own_music(value):
            continue
        if value is not None and value not in ids:
            raise RefusedError("unknown_choice", f"{name}: there is no {value!r}")


def check_visuals(script: Script, engines: Engines) -> None:
    """Raises RefusedError ``image_not_configured`` or ``footage_not_configured`` for a script that
    asks for what nobody is there to make: before the run opens, not after its first voice.
    """
    if (kind := missing_of(script, engines)) is not None:
        raise RefusedError(f"{kind}_not_configured")


def check_items(cards: Sequence[Card], present: Script | None) -> None:
    """Raises RefusedError ``invalid_request`` for an item that is too long. What the ``present``
    script shows may stay, however long a writer has made it.
    """
    scenes = present.scenes if present else ()
    known = {item for scene in scenes for item in _items(scene.card)}
    for number, card in enumerate(cards):
        if any(len(item) > MAX_ITEM and item not in known for item in _items(card)):
            field = f"body.scenes.{number}.card.items"
            message = f"an item has at most {MAX_ITEM} characters"
            errors = [{"field": field, "message": message}]
            raise RefusedError("invalid_request", f"{field}: {message}", errors=errors)


def _items(card: Card) -> tuple[str, ...]:
    return card.items if isinstance(card, ListCard | StepsCard) else ()


def _visuals(engines: Engines) -> list[VisualKind]:
    made: dict[VisualKind, str] = {"image": engines.image, "footage": engines.footage}
    return [kind for kind, engine in made.items() if engine]


def _speakers(engines: Engines, language: Language) -> tuple[voices.Speaker, ...]:
    return voices.speakers(engines.voice, language)


def _voice(engine: str, speaker: voices.Speaker) -> VoiceView:
    names: dict[Language, str] = {"zh-CN": speaker.zh, "en": speaker.en}
    return VoiceView(
        id=speaker.id,
        name=names,
        language=speaker.language,
        gender=speaker.gender,
        sample=voices.is_free(engine),
    )


def _choice(choice: looks.Choice) -> ChoiceView:
    return ChoiceView(id=choice.id, name=choice.name, about=choice.about)
