"""The script: what a video says and shows, scene by scene."""

from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import Field

from shared.messages.base import Frozen
from shared.messages.manifest import Blob

MAX_SCENES = 60
MAX_ITEM = 400
"""Characters of a list's or steps card's item that a user may write; a stored one may be longer."""


class TitleCard(Frozen):
    """The heading alone, large, with a line below it."""

    kind: Literal["title"] = "title"
    subtitle: str = Field(default="", max_length=120)


class ListCard(Frozen):
    kind: Literal["list"] = "list"
    items: tuple[str, ...] = Field(min_length=1, max_length=8)


class NumberCard(Frozen):
    """One figure that carries the scene: ``value`` as it is to be shown ("40%", "120 万吨")."""

    kind: Literal["number"] = "number"
    value: str = Field(min_length=1, max_length=24)
    label: str = Field(default="", max_length=120)


class Bar(Frozen):
    label: str = Field(min_length=1, max_length=40)
    value: float = Field(ge=0, allow_inf_nan=False)


class BarsCard(Frozen):
    """Quantities of one unit side by side."""

    kind: Literal["bars"] = "bars"
    bars: tuple[Bar, ...] = Field(min_length=1, max_length=8)
    unit: str = Field(default="", max_length=16)


class QuoteCard(Frozen):
    kind: Literal["quote"] = "quote"
    text: str = Field(min_length=1, max_length=300)
    source: str = Field(default="", max_length=80)


class StepsCard(Frozen):
    """Things that follow one another."""

    kind: Literal["steps"] = "steps"
    items: tuple[str, ...] = Field(min_length=1, max_length=8)


class Point(Frozen):
    label: str = Field(default="", max_length=40)
    value: float = Field(allow_inf_nan=False)


class LineCard(Frozen):
    """A series of one unit, its points in order (years, months …)."""

    kind: Literal["line"] = "line"
    points: tuple[Point, ...] = Field(min_length=2, max_length=24)
    unit: str = Field(default="", max_length=16)


Prompt = Annotated[str, Field(max_length=1_000)]
Take = Annotated[int, Field(ge=0, le=1_000)]


class PictureCard(Frozen):
    """A picture out of the artifact store, shown whole. Without one, the picture that ``prompt``
    asks for is made; without either, the heading and the caption stand alone as on a title card.

    ``take`` is the user's "another one": a greater one asks for another picture of the same prompt.
    """

    kind: Literal["picture"] = "picture"
    picture: Blob | None = None
    caption: str = Field(default="", max_length=120)
    prompt: Prompt = ""
    take: Take = 0


class FootageCard(Frozen):
    """A short moving picture without sound, made for ``prompt``: over the whole frame, or in a
    panel beside the heading. A scene that is longer sees it again, or its last picture stays
    ("hold"). Without a prompt as a picture card without one.
    """

    kind: Literal["footage"] = "footage"
    prompt: Prompt = ""
    caption: str = Field(default="", max_length=120)
    frame: Literal["full", "panel"] = "full"
    ending: Literal["loop", "hold"] = "loop"
    take: Take = 0


class Side(Frozen):
    heading: str = Field(min_length=1, max_length=40)
    text: str = Field(default="", max_length=160)
    items: tuple[Annotated[str, Field(max_length=80)], ...] = Field(default=(), max_length=5)


class SplitCard(Frozen):
    """Two things against each other: before and after, for and against."""

    kind: Literal["split"] = "split"
    left: Side
    right: Side


DrawnCard = (
    TitleCard
    | ListCard
    | NumberCard
    | BarsCard
    | LineCard
    | QuoteCard
    | StepsCard
    | PictureCard
    | SplitCard
)
"""Cards that a writer may choose: they cost nothing by themselves."""
Card = Annotated[DrawnCard | FootageCard, Field(discriminator="kind")]


class Scene(Frozen):
    """One thought of the video. ``id`` stays through edits, whatever the scene's position."""

    id: UUID
    narration: str = Field(min_length=1, max_length=1_000)
    heading: str = Field(default="", max_length=80)
    card: Card = Field(default_factory=TitleCard)


class Script(Frozen):
    """``draft`` says that the scenes are a frame to be filled by the user, not finished prose."""

    title: str = Field(min_length=1, max_length=200)
    scenes: tuple[Scene, ...] = Field(min_length=1, max_length=MAX_SCENES)
    draft: bool = False


def scene_id(script_task: UUID, position: int) -> UUID:
    """The id of the scene born at ``position`` (from 0) in the script that ``script_task``
    wrote.
    """
    return uuid5(script_task, f"scene/{position}")
