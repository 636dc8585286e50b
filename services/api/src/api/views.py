"""The wire: what requests may say and what answers look like, camelCase in JSON."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from sqlalchemy import RowMapping

from shared.messages.base import Aspect, CaptionStyle, Language
from shared.messages.commands import RevisionKind, VisualKind
from shared.messages.script import Scene, Script
from shared.state import ProjectStatus, RunKind, RunState
from shared.voices import Gender

Step = Literal["draft", "script", "review", "production", "editing", "completed"]


class View(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    def wire(self) -> dict[str, Any]:
        """JSON-ready, under the names of the wire."""
        return self.model_dump(mode="json", by_alias=True)


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
    speed: float
    theme: str
    captions: CaptionStyle
    music: str
    style: str
    audience: str
    auto_produce: bool
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


class ForecastView(View):
    """What a production would come to that was ordered now."""

    scenes: int
    to_make: int
    reused: int


class ChoiceView(View):
    """``name`` and ``about`` by language."""

    id: str
    name: dict[Language, str]
    about: dict[Language, str]


class VoiceView(View):
    """``sample``: whether POST /voices/{id}/sample lets it be heard; one that costs money does
    not.
    """

    id: str
    name: dict[Language, str]
    language: Language
    gender: Gender
    sample: bool


class LimitsView(View):
    """Characters, seconds and counts; above them a request is refused, never cut."""

    article_chars: int
    topic_chars: int = 500
    title_chars: int = 200
    narration_chars: int = 1_000
    heading_chars: int = 80
    scenes: int
    seconds_min: int = 15
    seconds_max: int = 600
    speed_min: float = 0.5
    speed_max: float = 2.0


class OptionsView(View):
    """``revisions``: what the writer of new runs can do to one scene. ``visuals``: what cards may
    have made by a prompt; empty where no generator is configured.
    """

    limits: LimitsView
    languages: list[Language]
    aspects: list[Aspect]
    captions: list[CaptionStyle]
    revisions: list[RevisionKind]
    voices: list[VoiceView]
    themes: list[ChoiceView]
    music: list[ChoiceView]
    visuals: list[VisualKind]


class TicketView(View):
    """For ``?ticket=`` of an event stream, once."""

    ticket: str
    expires_at: datetime


class LinkView(View):
    """``url`` needs no token; it is relative to this server."""

    url: str
    expires_at: datetime


class DeletedView(View):
    """Until ``restorable_until`` POST …/restore brings the project back."""

    project_id: UUID
    deleted_at: datetime
    restorable_until: datetime


class CountView(View):
    """How many were changed."""

    count: int


class StateView(View):
    project_id: UUID
    status: ProjectStatus
    run_id: UUID | None


class FirstView(View):
    """``first`` is true for one caller only."""

    first: bool


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
