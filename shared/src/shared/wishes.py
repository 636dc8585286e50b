"""What a scene's card asks to have made, and by whom. Pure."""

from dataclasses import dataclass

from shared.engines import Engines
from shared.messages.commands import VisualKind
from shared.messages.manifest import Blob, Manifest
from shared.messages.script import Card, FootageCard, PictureCard, Script


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    kind: VisualKind
    prompt: str
    take: int


def wish_of(card: Card) -> Wish | None:
    """None where the card shows what is there: an uploaded picture goes before a prompt."""
    if isinstance(card, PictureCard) and card.picture is None and card.prompt.strip():
        return Wish(kind="image", prompt=card.prompt.strip(), take=card.take)
    if isinstance(card, FootageCard) and card.prompt.strip():
        return Wish(kind="footage", prompt=card.prompt.strip(), take=card.take)
    return None


def maker_of(wish: Wish, engines: Engines) -> str:
    """The pinned maker; empty where none was configured."""
    return {"image": engines.image, "footage": engines.footage}[wish.kind]


def missing_of(script: Script, engines: Engines) -> VisualKind | None:
    """The first kind that the script asks for and that nobody is configured to make."""
    wishes = filter(None, (wish_of(scene.card) for scene in script.scenes))
    return next((wish.kind for wish in wishes if not maker_of(wish, engines)), None)


def blob_of(made: Manifest | None) -> Blob | None:
    """The one file of a visual."""
    return next(iter(made.blobs.values())) if made else None
