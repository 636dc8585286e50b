"""A run's end → the milestone that its user is told of."""

from datetime import UTC, datetime

from shared.messages.base import Meta, derived_id
from shared.messages.milestones import (
    AnyMilestone,
    ProjectCompleted,
    RunCancelled,
    RunFailed,
    ScriptReady,
    VideoReady,
)
from shared.state import Project, Run, RunKind, RunState


def milestone_of(project: Project, run: Run) -> AnyMilestone:
    """The milestone of a closed run; one run has one, and its id is the same however often it is
    built.
    """
    meta = _meta(project, run, "end")
    title = project.title or (project.script.title if project.script else "")
    kind = run.kind.value
    if run.state is RunState.FAILED:
        code = run.error.code if run.error else "internal"
        return RunFailed(meta=meta, title=title, code=code, kind=kind)
    if run.state is RunState.CANCELLED:
        return RunCancelled(meta=meta, title=title, kind=kind)
    if run.kind is RunKind.SCRIPT:
        return ScriptReady(
            meta=meta, title=title, scenes=len(run.script.scenes if run.script else ())
        )
    manifest = run.tasks[-1].manifest
    return VideoReady(meta=meta, title=title, duration_ms=(manifest and manifest.duration_ms) or 0)


def completion_of(project: Project, run: Run) -> ProjectCompleted:
    """The user accepted the video that ``run`` made."""
    return ProjectCompleted(meta=_meta(project, run, "completed"), title=project.title)


def _meta(project: Project, run: Run, what: str) -> Meta:
    return Meta(
        message_id=derived_id(run.id, what),
        user_id=project.user_id,
        language=project.language,
        project_id=project.id,
        run_id=run.id,
        correlation_id=run.id,
        occurred_at=datetime.now(UTC),
    )
