"""What requests may say: unknown fields, NULs and too long texts are refused, never cut."""

import json
from collections.abc import Sized
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from api.bodies import check_parts, texts_of, whole_numbers
from shared.messages.base import Aspect, CaptionStyle, Language
from shared.messages.commands import MAX_SOURCE, RevisionKind
from shared.messages.script import MAX_SCENES, Card, TitleCard

_BLANK: Final = (
    r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # as str.strip
)
ANY_TEXT: Final = r"^[^\x00]*$"
SAID_TEXT: Final = rf"^[^\x00]*[^\x00{_BLANK}][^\x00]*$"
BLANK_TEXT: Final = rf"^[{_BLANK}]*$"


class Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _bounded(cls, value: object) -> object:
        check_parts(value)
        return value


def _clean(value: str) -> str:
    if "\0" in value:
        raise PydanticCustomError("nul", "a NUL character is not text")
    return value.strip()


def _said(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "must not be blank")
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


def _whole(value: object) -> object:
    """A number as JSON has it: 60 and 60.0, but neither "60" nor true."""
    if isinstance(value, bool | str):
        raise PydanticCustomError("int_type", "must be a number")
    return value


_Any = Annotated[str, Field(json_schema_extra={"pattern": ANY_TEXT}), AfterValidator(_clean)]
_Said = Annotated[
    str,
    Field(json_schema_extra={"pattern": SAID_TEXT}),
    AfterValidator(_said),
    AfterValidator(_clean),
]
_Source = Annotated[
    str,
    Field(json_schema_extra={"pattern": ANY_TEXT, "maxLength": MAX_SOURCE}),
    AfterValidator(_within),
    AfterValidator(_clean),
]
_Long = Annotated[_Source | None, BeforeValidator(_blank_is_absent)]
_Short = Annotated[Annotated[_Any, Field(max_length=500)] | None, BeforeValidator(_blank_is_absent)]
_OptionalTitle = Annotated[
    Annotated[_Any, Field(max_length=200)] | None, BeforeValidator(_blank_is_absent)
]
_Title = Annotated[_Said, Field(max_length=200)]
_Yes = Annotated[bool, Field(strict=True)]

Voice = Annotated[str, Field(max_length=100, json_schema_extra={"format": "voice"})]
Theme = Annotated[str, Field(max_length=100, json_schema_extra={"format": "theme"})]
Music = Annotated[str, Field(max_length=100, json_schema_extra={"format": "music"})]
Speed = Annotated[float, Field(ge=0.5, le=2.0, allow_inf_nan=False, strict=True)]
Seconds = Annotated[int, Field(ge=15, le=600), BeforeValidator(_whole)]
Hint = Annotated[_Any, Field(max_length=200)]


def _tell_one_source(schema: dict[str, Any]) -> None:
    """Tells the document what ``NewProject`` demands: exactly one source that says something."""
    sources = ("article", "outline", "topic")
    blank = {"anyOf": [{"type": "null"}, {"type": "string", "pattern": BLANK_TEXT}]}
    said = {"type": "string", "pattern": SAID_TEXT}
    schema["oneOf"] = [
        {
            "required": [one],
            "properties": {source: said if source == one else blank for source in sources},
        }
        for one in sources
    ]


class NewProject(Body):
    """Exactly one of ``article``, ``outline`` (Markdown) and ``topic``; a blank field counts as
    absent.
    """

    model_config = ConfigDict(json_schema_extra=_tell_one_source)

    article: _Long = Field(default=None, description="At most 20,000 characters")
    outline: _Long = Field(default=None, description="Markdown, at most 20,000 characters")
    topic: _Short = None
    title: _OptionalTitle = Field(default=None, description="Default: taken from the source")
    language: Language | None = Field(default=None, description="Default: guessed from the source")
    aspect: Aspect = "16:9"
    target_seconds: Seconds = 60
    voice: Voice = "default"
    speed: Speed = 1.0
    theme: Theme = "auto"
    captions: CaptionStyle = "plain"
    music: Music = "none"
    style: Hint = Field(default="", description="For writers that can mind it: a tone")
    audience: Hint = Field(default="", description="For writers that can mind it: who listens")
    auto_produce: _Yes = Field(
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
    voice: Voice | None = None
    speed: Speed | None = None
    theme: Theme | None = None
    captions: CaptionStyle | None = None
    music: Music | None = None


class GenerateScript(Body):
    """``replace`` writes another script over the one that exists."""

    replace: _Yes = False


class Sample(Body):
    """``language`` is for voices that speak several; default: the first that the voice speaks."""

    language: Language | None = None
    speed: Speed = 1.0


def _tell_custom(schema: dict[str, Any]) -> None:
    """Tells the document what ``Revise`` demands: "custom" says what is wished."""
    said = {"type": "string", "pattern": SAID_TEXT}
    schema["anyOf"] = [
        {"properties": {"kind": {"enum": ["rewrite", "shorten"]}}},
        {"required": ["instruction"], "properties": {"instruction": said}},
    ]


class Revise(Body):
    """One scene to be done again. ``instruction`` is what "custom" asks for, and a hint to the
    others; a blank one counts as absent.
    """

    model_config = ConfigDict(json_schema_extra=_tell_custom)

    kind: RevisionKind
    instruction: _Short = None

    @model_validator(mode="after")
    def _custom_says_what(self) -> Self:
        if self.kind == "custom" and self.instruction is None:
            raise PydanticCustomError("instruction_missing", "custom wants an instruction")
        return self


class Complete(Body):
    """``accept_stale`` takes a video that was made before the script's last change."""

    accept_stale: _Yes = False


class Acknowledge(Body):
    """Default: the last run that ended."""

    run_id: UUID | None = None


class Retry(Body):
    """``accept_second_charge``: make a paid call again whose outcome is unknown."""

    accept_second_charge: _Yes = False


class Dismissed(Body):
    """Projects that the user does not want to be asked about again; all of them without a list."""

    project_ids: Annotated[list[UUID], Field(max_length=100)] | None = None


class Nothing(Body):
    """A body without fields, or none at all."""


class UploadedPicture(Body):
    """A picture card that names an upload of the caller."""

    kind: Literal["picture"]
    picture: Annotated[str, Field(pattern=r"^upload:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    caption: Annotated[_Any, Field(max_length=120)] = ""
    prompt: Annotated[_Any, Field(max_length=1_000)] = ""
    take: Annotated[int, Field(ge=0, le=1_000, strict=True)] = 0


_CARD: TypeAdapter[Card] = TypeAdapter(Card)


def _known_card(value: object) -> object:
    """Messages tolerate unknown fields; a user's edit must not lose one silently."""
    if any("\0" in text for text in texts_of(value)):
        raise PydanticCustomError("nul", "a NUL character is not text")
    try:
        value = whole_numbers(value)
        said = json.dumps(value)
    except RecursionError:
        raise PydanticCustomError("nested", "nested too deep") from None
    if isinstance(value, dict) and isinstance(value.get("picture"), str):  # pyright: ignore[reportUnknownMemberType]
        return UploadedPicture.model_validate(value, strict=True)
    return _CARD.validate_json(said, extra="forbid", strict=True)


_WireCard = Annotated[Card | UploadedPicture, BeforeValidator(_known_card)]


class EditedScene(Body):
    """A scene without ``id`` is new."""

    id: UUID | None = None
    narration: Annotated[_Said, Field(max_length=1_000)]
    heading: Annotated[_Any, Field(max_length=80)] = ""
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
