"""How runs begin: what a run of each kind consists of, and its project when it opens."""

from typing import Final
from uuid import UUID, uuid5

from shared.engines import Engines
from shared.lifecycle import Change, moved
from shared.messages.commands import Revision
from shared.progress import activity
from shared.state import Project, Run, RunKind, RunState, Task
from shared.values import replace
from shared.weights import assembly_weight, scene_weights, spoken_seconds

# What came is known, and the same again would find it.
_OF_NO_USE: Final = frozenset({"reply_invalid", "prompt_refused", "internal"})


def open_script(
    project: Project, run_id: UUID, engines: Engines, *, again: bool, revise: Revision | None = None
) -> Run:
    """A run that writes a script, or does the one scene of ``revise`` again. ``again`` asks for
    another take; a retry asks for the same one.
    """
    take = project.take + 1 if again or project.take == 0 else project.take
    weight = _revised_seconds(revise) if revise else float(project.options.target_seconds)
    task = Task(id=uuid5(run_id, "script"), run_id=run_id, stage="script", weight=weight)
    return Run(
        id=run_id,
        project_id=project.id,
        kind=RunKind.SCRIPT,
        engines=engines,
        revise=revise,
        take=take,
        tasks=(task,),
    )


def unseen(last: Run | None) -> bool:
    """Whether what ``last`` was to write may have been paid for and nobody has seen it: then it is
    looked for, and not another take. A receipt whose outcome is unknown fails the run once more,
    and its retry asks for consent.
    """
    if last is None or last.kind is not RunKind.SCRIPT or last.revise is not None:
        return False
    if last.error is not None:
        return last.error.code not in _OF_NO_USE
    return last.state is RunState.CANCELLED


def useless(last: Run | None, revise: Revision | None = None) -> bool:
    """Whether ``last`` was to write the same (``revise``), and what came is known to be of no use:
    then another take is asked for.
    """
    if last is None or last.kind is not RunKind.SCRIPT or last.revise != revise:
        return False
    return last.error is not None and last.error.code in _OF_NO_USE


def _revised_seconds(revise: Revision) -> float:
    scenes = (scene for scene in revise.base.scenes if scene.id == revise.scene_id)
    return sum(spoken_seconds(scene.narration) for scene in scenes)


def open_production(project: Project, run_id: UUID, engines: Engines) -> Run:
    """A run that makes the video of the project's current script; needs one."""
    if project.script is None:
        raise ValueError("a production needs a script")
    tasks = [
        Task(
            id=uuid5(run_id, f"{stage}/{scene.id}"),
            run_id=run_id,
            stage=stage,
            scene_id=scene.id,
            position=position,
            weight=weight,
        )
        for position, scene in enumerate(project.script.scenes)
        for stage, weight in scene_weights(scene, engines).items()
    ]
    weight = assembly_weight(project.script)
    assembly = uuid5(run_id, "assembly")
    tasks.append(Task(id=assembly, run_id=run_id, stage="assembly", weight=weight))
    return Run(
        id=run_id,
        project_id=project.id,
        kind=RunKind.PRODUCTION,
        engines=engines,
        script=project.script,
        script_version=project.script_version,
        take=project.take,
        tasks=tuple(tasks),
    )


def opened(project: Project, run: Run) -> Project:
    """The project when ``run`` opens; raises TransitionError where its status forbids it."""
    return replace(
        project,
        status=moved(project.status, _opening(run)),
        current_run_id=run.id,
        take=run.take,
        progress=0,
        message=activity(run),
        error=None,
        completed_at=None,
    )


def _opening(run: Run) -> Change:
    if run.kind is RunKind.PRODUCTION:
        return Change.PRODUCE
    return Change.REVISE if run.revise else Change.GENERATE_SCRIPT
