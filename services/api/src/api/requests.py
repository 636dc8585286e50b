"""What requests may say: unknown fields, NULs and too long texts are refused, never cut."""

from collections.abc import Sized
from typing import Annotated, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from shared.messages.base import Aspect, CaptionStyle, Language
from shared.messages.commands import MAX_SOURCE
from shared.messages.script import MAX_SCENES, Card, TitleCard


class Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


def _printable(value: str) -> str:
    if "\0" in value:
        raise PydanticCustomError("nul", "a NUL character is not text")
    return value


def _blank_is_absent(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _within(value: str) -> str:
    if len(value) > MAX_SOURCE:
        raise PydanticCustomError(
            "article_too_long",
            "{length} characters; at most {most}",
            {"length": len(value), "most": MAX_SOURCE},
        )
    return value


_Clean = Annotated[str, AfterValidator(_printable), StringConstraints(strip_whitespace=True)]
_Long = Annotated[
    Annotated[_Clean, AfterValidator(_within)] | None, BeforeValidator(_blank_is_absent)
]
_Topic = Annotated[
    Annotated[_Clean, StringConstraints(max_length=500)] | None, BeforeValidator(_blank_is_absent)
]
_OptionalTitle = Annotated[
    Annotated[_Clean, StringConstraints(max_length=200)] | None, BeforeValidator(_blank_is_absent)
]
_Title = Annotated[_Clean, StringConstraints(min_length=1, max_length=200)]


Choice = Annotated[_Clean, StringConstraints(min_length=1, max_length=100)]
Speed = Annotated[float, Field(ge=0.5, le=2.0, allow_inf_nan=False)]
Hint = Annotated[_Clean, StringConstraints(max_length=200)]


class NewProject(Body):
    """Exactly one of ``article``, ``outline`` (Markdown) and ``topic``; a blank field counts as
    absent.
    """

    article: _Long = Field(default=None, description="At most 20,000 characters")
    outline: _Long = Field(default=None, description="Markdown, at most 20,000 characters")
    topic: _Topic = None
    title: _OptionalTitle = Field(default=None, description="Default: taken from the source")
    language: Language | None = Field(default=None, description="Default: guessed from the source")
    aspect: Aspect = "16:9"
    target_seconds: int = Field(default=60, ge=15, le=600)
    voice: Choice = "default"
    speed: Speed = 1.0
    theme: Choice = "auto"
    captions: CaptionStyle = "plain"
    music: Choice = "none"
    style: Hint = Field(default="", description="For writers that can mind it: a tone")
    audience: Hint = Field(default="", description="For writers that can mind it: who listens")
    auto_produce: bool = Field(
        default=False, description="Write the script at once, and go on to the video"
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(source is not None for source in (self.article, self.outline, self.topic)) != 1:
            raise PydanticCustomError(
                "one_source", "give exactly one of article, outline and topic"
            )
        return self


class Changed(Body):
    """What is given is changed. A change of how the video looks or sounds makes a finished one
    stale.
    """

    title: _Title | None = None
    aspect: Aspect | None = None
    voice: Choice | None = None
    speed: Speed | None = None
    theme: Choice | None = None
    captions: CaptionStyle | None = None
    music: Choice | None = None


class GenerateScript(Body):
    """``replace`` writes another script over the one that exists."""

    replace: bool = False


class Complete(Body):
    """``accept_stale`` takes a video that was made before the script's last change."""

    accept_stale: bool = False


class Acknowledge(Body):
    """Default: the last run that ended."""

    run_id: UUID | None = None


class Retry(Body):
    """``accept_second_charge``: make a paid call again whose outcome is unknown."""

    accept_second_charge: bool = False


class Dismissed(Body):
    """Projects that the user does not want to be asked about again; all of them without a list."""

    project_ids: Annotated[list[UUID], Field(max_length=100)] | None = None


class Nothing(Body):
    """A body without fields, or none at all."""


_CARD: TypeAdapter[Card] = TypeAdapter(Card)


def _known_card(value: object) -> object:
    """Messages tolerate unknown fields; a user's edit must not lose one silently."""
    return _CARD.validate_python(value, extra="forbid")


_WireCard = Annotated[Card, BeforeValidator(_known_card)]


class EditedScene(Body):
    """A scene without ``id`` is new."""

    id: UUID | None = None
    narration: Annotated[_Clean, StringConstraints(min_length=1, max_length=1_000)]
    heading: Annotated[_Clean, StringConstraints(max_length=80)] = ""
    card: _WireCard = Field(default_factory=TitleCard)


def _few(value: object) -> object:
    if isinstance(value, Sized) and len(value) > MAX_SCENES:
        raise PydanticCustomError("too_many_scenes", "at most {most} scenes", {"most": MAX_SCENES})
    return value


class EditedScript(Body):
    title: _Title
    scenes: Annotated[list[EditedScene], Field(min_length=1), BeforeValidator(_few)]

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [scene.id for scene in self.scenes if scene.id is not None]
        if len(ids) != len(set(ids)):
            raise PydanticCustomError("scene_ids", "two scenes have the same id")
        return self
