"""Values for tests, built short: projects, runs, and the facts that workers would state."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from shared import openings, pipeline
from shared.engines import Engines
from shared.messages.base import FactMeta
from shared.messages.commands import Article
from shared.messages.facts import (
    ClipRendered,
    Fact,
    ScriptWritten,
    TaskFailed,
    TaskProgressed,
    TaskStarted,
    VideoAssembled,
    VisualMade,
    VoiceRecorded,
)
from shared.messages.manifest import Blob, Cue, Frames, Manifest
from shared.messages.script import Scene, Script
from shared.pipeline import Outcome
from shared.state import Project, Run, Task

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
RESULTS: dict[str, Any] = {
    "voice": VoiceRecorded,
    "visual": VisualMade,
    "clip": ClipRendered,
    "assembly": VideoAssembled,
}


def a_script(scenes: int = 3, *, of: UUID | None = None) -> Script:
    owner = of or uuid4()
    return Script(
        title="海绵城市",
        scenes=tuple(
            Scene(
                id=UUID(int=(owner.int + number + 1) % (1 << 128)),
                narration=f"第{number + 1}段，讲一件事情。",
                heading=f"第{number + 1}段",
            )
            for number in range(scenes)
        ),
    )


def a_project(**changes: Any) -> Project:
    values: dict[str, Any] = {
        "id": uuid4(),
        "user_id": "ann",
        "title": "海绵城市",
        "language": "zh-CN",
        "source": Article(text="城市里的雨水管理正在发生变化。"),
    }
    return Project(**{**values, **changes})


def with_script(scenes: int = 3) -> Project:
    return a_project(script=a_script(scenes), script_version=1, take=1)


def opened_script(project: Project | None = None) -> Outcome:
    """A script run as it stands just after opening."""
    project = project or a_project()
    run = openings.open_script(project, uuid4(), Engines(), again=True)
    return pipeline.advanced(openings.opened(project, run), run, NOW)


def opened_production(
    project: Project | None = None, scenes: int = 3, *, engines: Engines | None = None
) -> Outcome:
    """A production as it stands just after opening."""
    project = project or with_script(scenes)
    run = openings.open_production(project, uuid4(), engines or Engines())
    return pipeline.advanced(openings.opened(project, run), run, NOW)


def a_manifest(key: str = "voice/" + "0" * 64, **changes: Any) -> Manifest:
    values: dict[str, Any] = {
        "key": key,
        "engine": "test-1",
        "blobs": {"audio": Blob(path=f"blob/{'0' * 64}.wav", size=1, media_type="audio/wav")},
        "duration_ms": 2_000,
        "cues": (Cue(start_ms=0, end_ms=2_000, text="你好"),),
        "frames": Frames(fps=30, width=1280, height=720, head=12, body=60, tail=12),
        "made_at": NOW,
        "work_ms": 1_200,
    }
    return Manifest(**{**values, **changes})


def task_of(run: Run, stage: str, position: int = 0) -> Task:
    return next(t for t in run.tasks if t.stage == stage and t.position == position)


def meta_for(
    project: Project, run: Run, task: Task, *, dispatch: int = 1, delivery: int = 0, seq: int = 1
) -> FactMeta:
    return FactMeta(
        message_id=uuid4(),
        user_id=project.user_id,
        language=project.language,
        project_id=project.id,
        run_id=run.id,
        correlation_id=run.id,
        task_id=task.id,
        stage=task.stage,
        dispatch=dispatch,
        delivery=delivery,
        seq=seq,
    )


def started(project: Project, run: Run, task: Task, **place: int) -> TaskStarted:
    return TaskStarted(meta=meta_for(project, run, task, **place))


def progressed(
    project: Project, run: Run, task: Task, percent: float, **place: int
) -> TaskProgressed:
    return TaskProgressed(meta=meta_for(project, run, task, **place), percent=percent)


def failed(
    project: Project,
    run: Run,
    task: Task,
    *,
    code: str = "render_failed",
    retryable: bool = True,
    **place: int,
) -> TaskFailed:
    return TaskFailed(
        meta=meta_for(project, run, task, **place), code=code, detail="why", retryable=retryable
    )


def result(
    project: Project, run: Run, task: Task, *, script: Script | None = None, **place: int
) -> Fact:
    """What a worker states when ``task`` is done; its key is the one that was asked for."""
    meta = meta_for(project, run, task, **place)
    manifest = a_manifest(task.spec_hash or pipeline.key_of(project, run, task))
    if task.stage == "script":
        written = script or a_script(of=task.id)
        return ScriptWritten(meta=meta, manifest=manifest, script=written)
    return RESULTS[task.stage](meta=meta, manifest=manifest)
