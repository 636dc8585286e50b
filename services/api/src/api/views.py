"""The wire: what requests may say and what answers look like, camelCase in JSON."""

from collections.abc import Sized
from datetime import datetime
from typing import Annotated, Any, Literal, Self
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
from sqlalchemy import RowMapping

from shared.messages.base import Aspect, Language, Stage
from shared.messages.commands import MAX_SOURCE
from shared.messages.script import MAX_SCENES, Card, Scene, Script, TitleCard
from shared.state import ProjectStatus, RunKind, RunState, TaskState

Step = Literal["draft", "script", "review", "production", "editing", "completed"]


class View(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    def wire(self) -> dict[str, Any]:
        """JSON-ready, under the names of the wire."""
        return self.model_dump(mode="json", by_alias=True)


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
_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]


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
    voice: _Name = "default"
    theme: _Name = "auto"

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(source is not None for source in (self.article, self.outline, self.topic)) != 1:
            raise PydanticCustomError(
                "one_source", "give exactly one of article, outline and topic"
            )
        return self


class Renamed(Body):
    title: _Title


class GenerateScript(Body):
    """``replace`` writes another script over the one that exists."""

    replace: bool = False


class Complete(Body):
    """``accept_stale`` takes a video that was made before the script's last change."""

    accept_stale: bool = False


class Acknowledge(Body):
    """Default: the last run that ended."""

    run_id: UUID | None = None


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


class ScriptView(View):
    title: str
    draft: bool
    scenes: tuple[Scene, ...]

    @classmethod
    def of(cls, script: Script) -> Self:
        return cls(title=script.title, draft=script.draft, scenes=script.scenes)


class EditedView(View):
    project_id: UUID
    status: ProjectStatus
    script_version: int
    script: ScriptView


class SourceView(View):
    kind: Literal["article", "outline", "topic"]
    text: str


class SummaryView(View):
    """A project in a list. ``id`` and ``project_id`` are the same."""

    id: UUID
    project_id: UUID
    title: str
    status: ProjectStatus
    step: Step
    progress: int
    progress_message: str
    script_ready: bool
    completed_at: datetime | None
    notified: bool
    created_at: datetime
    touched_at: datetime


class ProjectView(SummaryView):
    language: Language
    aspect: Aspect
    target_seconds: int
    voice: str
    theme: str
    source: SourceView
    script: ScriptView | None
    script_version: int
    video_ready: bool
    video_stale: bool
    run_id: UUID | None


class ProjectPage(View):
    items: list[SummaryView]
    next_cursor: str | None


class UnfinishedView(View):
    id: UUID
    project_id: UUID
    title: str
    status: ProjectStatus
    step: Step
    progress: int
    progress_message: str
    script_ready: bool
    touched_at: datetime


class RunView(View):
    """A run that was asked for. ``scenes`` … are null for a script: its scenes are not known
    yet.
    """

    project_id: UUID
    run_id: UUID
    kind: RunKind
    state: RunState
    scenes: int | None = None
    to_make: int | None = None
    reused: int | None = None


class StateView(View):
    project_id: UUID
    status: ProjectStatus
    run_id: UUID | None


class FirstView(View):
    """``first`` is true for one caller only."""

    first: bool


class StageView(View):
    """``busy_seconds``: time that workers spent on what is finished, reused work not counted."""

    stage: Stage
    percent: int
    done: int
    total: int
    reused: int
    busy_seconds: float


class PieceView(View):
    state: TaskState
    percent: int
    attempt: int
    reused: bool


class SceneView(View):
    """``voice`` and ``clip`` are null while no production has been asked for."""

    id: UUID
    heading: str
    voice: PieceView | None
    clip: PieceView | None


class ErrorView(View):
    code: str
    message: str
    user_can_retry: bool


class StatusView(View):
    project_id: UUID
    status: ProjectStatus
    step: Step
    progress: int
    progress_message: str
    completed_at: datetime | None
    notified: bool
    script_ready: bool
    script_version: int
    video_ready: bool
    video_stale: bool
    run_id: UUID | None
    run_kind: RunKind | None
    run_state: RunState | None
    stages: list[StageView]
    scenes: list[SceneView]
    last_seen_at: datetime | None
    stalled: bool
    error: ErrorView | None
    poll_after_ms: int | None


class HappeningView(View):
    """A line of the timeline; ``scene`` counts from 1."""

    at: datetime
    type: str
    message: str
    run_id: UUID | None
    stage: Stage | None
    scene: int | None
    scene_id: UUID | None
    attempt: int | None
    data: dict[str, Any]


class Timeline(View):
    items: list[HappeningView]
    next_cursor: str | None


class NoticeView(View):
    id: UUID
    project_id: UUID
    run_id: UUID
    kind: str
    title: str
    body: str
    created_at: datetime
    read_at: datetime | None


class NoticePage(View):
    items: list[NoticeView]
    next_cursor: str | None


_STEPS: dict[ProjectStatus, Step] = {
    ProjectStatus.GENERATING_SCRIPT: "script",
    ProjectStatus.GENERATING_AUDIO: "production",
    ProjectStatus.GENERATING_VIDEO: "production",
    ProjectStatus.EDITING: "editing",
    ProjectStatus.COMPLETED: "completed",
}


def step_of(status: ProjectStatus, *, script_ready: bool, run_kind: str | None) -> Step:
    """Where the page goes on. A failed project is where its failed run was."""
    if status is ProjectStatus.FAILED and run_kind is not None:
        return "script" if run_kind == RunKind.SCRIPT else "production"
    return _STEPS.get(status, "review" if script_ready else "draft")


def summary_values(row: RowMapping) -> dict[str, Any]:
    """What all views of a project share, from a row with ``script_ready`` and ``run_kind`` beside
    its columns.
    """
    status = ProjectStatus(row["status"])
    step = step_of(status, script_ready=row["script_ready"], run_kind=row["run_kind"])
    return {**row, "project_id": row["id"], "step": step}
