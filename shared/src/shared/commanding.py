"""Task → command: everything that a worker needs to know, out of the project and its run."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from shared.messages.base import Stage, TaskMeta, derived_id
from shared.messages.commands import (
    AnyCommand,
    AssembleVideo,
    MakeVisual,
    RecordVoice,
    RenderClip,
    ScenePart,
    WriteScript,
)
from shared.messages.manifest import Manifest
from shared.messages.script import Scene
from shared.state import Project, Run, Task
from shared.wishes import blob_of, maker_of, wish_of

TIMEOUT_S: Final[dict[Stage, float]] = {
    "script": 600,
    "voice": 300,
    "visual": 900,
    "clip": 300,
    "assembly": 900,
}


def command_of(project: Project, run: Run, task: Task) -> AnyCommand:
    """The command of the task's current dispatch; its id is the same however often it is built."""
    if task.spec_hash is None:
        raise ValueError("a dispatched task knows its key")
    meta = TaskMeta(
        message_id=command_id(task.id, task.dispatch),
        user_id=project.user_id,
        language=project.language,
        project_id=project.id,
        run_id=run.id,
        correlation_id=run.id,
        occurred_at=datetime.now(UTC),
        task_id=task.id,
        stage=task.stage,
        dispatch=task.dispatch,
    )
    timeout_s = TIMEOUT_S[task.stage]
    if task.stage == "script":
        return WriteScript(
            meta=meta,
            key=task.spec_hash,
            engine=run.engines.writer,
            timeout_s=timeout_s,
            authorisation=run.authorisation,
            source=project.source,
            title=project.title or None,
            target_seconds=project.options.target_seconds,
            style=project.options.style,
            audience=project.options.audience,
            revise=run.revise,
        )
    if task.stage == "assembly":
        return AssembleVideo(
            meta=meta,
            key=task.spec_hash,
            engine=run.engines.renderer,
            timeout_s=timeout_s,
            authorisation=run.authorisation,
            title=run.script.title if run.script else project.title,
            parts=parts_of(run),
            aspect=project.options.aspect,
            music=project.options.music,
        )
    scene = _scene(run, task.scene_id)
    if task.stage == "voice":
        return RecordVoice(
            meta=meta,
            key=task.spec_hash,
            engine=run.engines.voice,
            timeout_s=timeout_s,
            authorisation=run.authorisation,
            scene_id=scene.id,
            narration=scene.narration,
            speaker=project.options.speaker,
            speed=project.options.speed,
        )
    if task.stage == "visual":
        return _visual_command(project, run, task, meta)
    voice = _voice(run, task.scene_id)
    return RenderClip(
        meta=meta,
        key=task.spec_hash,
        engine=run.engines.renderer,
        timeout_s=timeout_s,
        authorisation=run.authorisation,
        scene_id=scene.id,
        heading=scene.heading,
        card=scene.card,
        cues=voice.cues,
        voice_ms=voice.duration_ms or 1,
        aspect=project.options.aspect,
        theme=project.options.theme,
        captions=project.options.captions,
        visual=blob_of(visual_of(run, task.scene_id)),
    )


def _visual_command(project: Project, run: Run, task: Task, meta: TaskMeta) -> MakeVisual:
    scene = _scene(run, task.scene_id)
    wish = wish_of(scene.card)
    if wish is None:
        raise ValueError("the scene's card asks for nothing to be made")
    return MakeVisual(
        meta=meta,
        key=task.spec_hash or "",
        engine=maker_of(wish, run.engines),
        timeout_s=TIMEOUT_S[task.stage],
        authorisation=run.authorisation,
        scene_id=scene.id,
        kind=wish.kind,
        prompt=wish.prompt,
        aspect=project.options.aspect,
    )


def command_id(task_id: UUID, dispatch: int) -> UUID:
    """The message id of a task's nth dispatch."""
    return derived_id(task_id, f"dispatch/{dispatch}")


def parts_of(run: Run) -> tuple[ScenePart, ...]:
    """The scenes' finished artifacts in the video's order; every clip must be known."""
    clips = {t.scene_id: t.manifest for t in run.tasks if t.stage == "clip" and t.manifest}
    voices = {t.scene_id: t.manifest for t in run.tasks if t.stage == "voice" and t.manifest}
    return tuple(
        ScenePart(scene_id=s.id, voice_key=voices[s.id].key, clip_key=clips[s.id].key)
        for s in (run.script.scenes if run.script else ())
    )


def visual_of(run: Run, scene_id: UUID | None) -> Manifest | None:
    """What was made for the scene's card; None where it asks for nothing."""
    task = next((t for t in run.tasks if t.stage == "visual" and t.scene_id == scene_id), None)
    if task is not None and task.manifest is None:
        raise ValueError("a clip needs its visual")
    return task.manifest if task else None


def _scene(run: Run, scene_id: UUID | None) -> Scene:
    if run.script is None:
        raise ValueError("a production pins a script")
    return next(scene for scene in run.script.scenes if scene.id == scene_id)


def _voice(run: Run, scene_id: UUID | None) -> Manifest:
    voice = next(t for t in run.tasks if t.stage == "voice" and t.scene_id == scene_id)
    if voice.manifest is None:
        raise ValueError("a clip needs its voice")
    return voice.manifest
