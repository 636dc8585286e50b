"""What follows: pure functions of the whole state of a run, used by whoever holds the project's
lock, or writes only if that state still stands.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid5

from shared.artifacts import keys
from shared.commanding import parts_of, visual_of
from shared.lifecycle import Change, moved
from shared.messages.facts import Note
from shared.messages.milestones import AnyMilestone
from shared.milestones import milestone_of
from shared.openings import open_production, opened
from shared.progress import activity, percent_of
from shared.state import Failure, Project, ProjectStatus, Run, RunKind, RunState, Task, TaskState
from shared.values import replace, value
from shared.wishes import wish_of

ATTEMPTS: Final = 3
RETRY_DELAYS: Final = (timedelta(seconds=10), timedelta(seconds=60))
RUN_LIMIT: Final = timedelta(hours=2)


@value
class Outcome:
    """The state after a decision, and what the user is to be told of it.

    ``then``: ``run`` has ended and another one follows it at once; its project is the one that
    stands.
    """

    project: Project
    run: Run
    milestones: tuple[AnyMilestone, ...] = ()
    then: "Outcome | None" = None

    @property
    def last(self) -> "Outcome":
        """Where it all ends up."""
        return self.then.last if self.then else self


def inputs_exist(run: Run) -> Iterator[Task]:
    """Waiting tasks that could start; the same answer however often it is asked."""
    unready = {
        task.scene_id
        for task in run.tasks
        if task.stage in {"voice", "visual"} and task.state is not TaskState.DONE
    }
    clips_done = all(task.state is TaskState.DONE for task in run.tasks if task.stage == "clip")
    for task in run.tasks:
        if task.state is not TaskState.WAITING:
            continue
        if (
            task.stage in {"script", "voice", "visual"}
            or (task.stage == "clip" and task.scene_id not in unready)
            or (task.stage == "assembly" and clips_done)
        ):
            yield task


def key_of(project: Project, run: Run, task: Task) -> str:
    """The key of what ``task`` makes; its inputs must exist."""
    if task.stage == "script":
        return keys.script_key(project, run)
    if run.script is None:
        raise ValueError("a production pins a script")
    if task.stage == "assembly":
        return keys.video_key(project, run, run.script.title, parts_of(run))
    scene = next(scene for scene in run.script.scenes if scene.id == task.scene_id)
    if task.stage == "voice":
        return keys.voice_key(project, run, scene)
    if task.stage == "visual":
        if (wish := wish_of(scene.card)) is None:
            raise ValueError("the scene's card asks for nothing to be made")
        return keys.visual_key(project, run.engines, wish)
    voice = next(t for t in run.tasks if t.stage == "voice" and t.scene_id == task.scene_id)
    if voice.manifest is None:
        raise ValueError("a clip needs its voice")
    return keys.clip_key(project, run, scene, voice.manifest, visual_of(run, scene.id))


def advanced(project: Project, run: Run, now: datetime) -> Outcome:
    """Everything that follows from the state as it is: retries, readiness, the end of the run."""
    if run.state is not RunState.ACTIVE:
        return Outcome(project=project, run=run)
    if steady(run, now):
        return going_on(project, run)
    run = _with_tasks(run, tuple(_retried(task, now) for task in run.tasks))
    failed = next((task for task in run.tasks if task.state is TaskState.FAILED), None)
    if failed is not None:
        return closed(project, run, RunState.FAILED, now=now, error=failed.error)
    if run.tasks[-1].state is TaskState.DONE:  # however late: what is finished is not thrown away
        return finished(project, run, now)
    if run.first_started_at is not None and now > run.first_started_at + RUN_LIMIT:
        late = Failure(code="run_timeout", retryable=True)
        return closed(project, run, RunState.FAILED, now=now, error=late)
    return going_on(project, _with_ready(project, run))


def going_on(project: Project, run: Run) -> Outcome:
    """``advanced``, of a run that is steady."""
    percent = percent_of(run.tasks)
    if percent > run.percent:
        run = replace(run, percent=percent)
    return Outcome(project=_following(project, run), run=run)


def steady(run: Run, now: datetime) -> bool:
    """Whether progress of its running tasks is all that can change about the run: no task is due or
    could start, and its time is not over. Such a decision reads no script and no manifest. And a
    run stays so at the same ``now``, whatever comes that is not ``decisive``.
    """
    states = [task.state for task in run.tasks]  # to be hashed each costs more than to be found
    if run.state is not RunState.ACTIVE or TaskState.READY in states or TaskState.FAILED in states:
        return False
    if run.tasks[-1].state is TaskState.DONE:
        return False
    if run.first_started_at is not None and now > run.first_started_at + RUN_LIMIT:
        return False
    return TaskState.WAITING not in states or not any(inputs_exist(run))


def closed(
    project: Project, run: Run, state: RunState, *, now: datetime, error: Failure | None = None
) -> Outcome:
    """Ends a run that did not succeed: its unfinished tasks are dropped, what is finished stays."""
    run = replace(
        run, state=state, error=error, closed_at=now, tasks=tuple(map(_dropped, run.tasks))
    )
    if state is RunState.FAILED:
        change, note = Change.FAIL, Note(code="run_failed")
    else:
        note = Note(code="run_cancelled")
        change = Change.REVERT_TO_EDITING if project.video else Change.REVERT_TO_DRAFT
    project = replace(
        project, status=moved(project.status, change), message=note, error=error, notified=False
    )
    return Outcome(project=project, run=run, milestones=(milestone_of(project, run),))


def finished(project: Project, run: Run, now: datetime) -> Outcome:
    """Ends a run whose last task is done; what follows by itself is in ``then``: nothing after a
    revision, whose user is at the script.
    """
    run = replace(
        run, state=RunState.DONE, percent=100, closed_at=now, tasks=tuple(map(_dropped, run.tasks))
    )
    project = replace(project, progress=100, completed_at=now, notified=False, error=None)
    if run.kind is RunKind.SCRIPT:
        if (script := run.script) is None:
            raise ValueError("a written script came without its text")
        project = replace(
            project,
            status=moved(
                project.status, Change.SCRIPT_REWRITTEN if project.video else Change.SCRIPT_WRITTEN
            ),
            script=script,
            script_version=project.script_version + 1,
            message=Note(code="script_ready"),
        )
        run = replace(run, script_version=project.script_version)
        if project.options.auto_produce and not script.draft and run.revise is None:
            return Outcome(project=project, run=run, then=_produced(project, run, now))
    else:
        if project.status is ProjectStatus.GENERATING_AUDIO:
            project = replace(project, status=moved(project.status, Change.VOICES_DONE))
        project = replace(
            project,
            status=moved(project.status, Change.ASSEMBLED),
            video=run.tasks[-1].manifest,
            video_version=run.script_version,
            message=Note(code="video_ready"),
        )
    return Outcome(project=project, run=run, milestones=(milestone_of(project, run),))


def _produced(project: Project, script_run: Run, now: datetime) -> Outcome:
    """The production that follows a script without waiting for its user."""
    run = open_production(project, uuid5(script_run.id, "production"), script_run.engines)
    run = replace(run, authorisation=script_run.authorisation, opened_at=now)
    return advanced(opened(project, run), run, now)


def _with_ready(project: Project, run: Run) -> Run:
    able = {task.id for task in inputs_exist(run)}
    tasks = tuple(
        replace(task, state=TaskState.READY, spec_hash=key_of(project, run, task))
        if task.id in able
        else task
        for task in run.tasks
    )
    return _with_tasks(run, tasks)


def _with_tasks(run: Run, tasks: tuple[Task, ...]) -> Run:
    """The same run where all tasks are: this is asked at every fact, and mostly so."""
    same = all(new is old for new, old in zip(tasks, run.tasks, strict=True))
    return run if same else replace(run, tasks=tasks)


def _following(project: Project, run: Run) -> Project:
    status = project.status
    if status is ProjectStatus.GENERATING_AUDIO and all(
        task.state is TaskState.DONE for task in run.tasks if task.stage == "voice"
    ):
        status = moved(status, Change.VOICES_DONE)
    message = activity(run)
    if (status, run.percent, message) == (project.status, project.progress, project.message):
        return project
    return replace(project, status=status, progress=run.percent, message=message)


def _retried(task: Task, now: datetime) -> Task:
    """A failed task with attempts left becomes ready again, one dispatch on: facts of the attempt
    that is over can't fail it twice.
    """
    if task.state is not TaskState.FAILED or task.error is None:
        return task
    if not task.error.retryable or task.attempt >= ATTEMPTS:
        return task
    delay = timedelta(0) if task.error.code == "worker_lost" else RETRY_DELAYS[task.attempt - 1]
    return replace(
        task,
        state=TaskState.READY,
        dispatch=task.dispatch + 1,
        delivery=0,
        seq=0,
        attempt=task.attempt + 1,
        note=None,
        started_at=None,
        not_before=now + delay,
    )


def _dropped(task: Task) -> Task:
    if task.state in {TaskState.DONE, TaskState.FAILED}:
        return task
    return replace(task, state=TaskState.DROPPED)
