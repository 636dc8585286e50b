"""Which class a message's type names."""

from shared.messages.asides import PreviewScene, SampleVoice
from shared.messages.base import Frozen
from shared.messages.commands import AssembleVideo, RecordVoice, RenderClip, WriteScript
from shared.messages.control import StopRun
from shared.messages.facts import (
    ClipRendered,
    FactBatch,
    ScriptWritten,
    TaskFailed,
    TaskProgressed,
    TaskStarted,
    VideoAssembled,
    VoiceRecorded,
)
from shared.messages.milestones import (
    ProjectCompleted,
    RunCancelled,
    RunFailed,
    ScriptReady,
    VideoReady,
)
from shared.messages.updates import ProjectsChanged

_ALL: tuple[type[Frozen], ...] = (
    WriteScript,
    RecordVoice,
    RenderClip,
    AssembleVideo,
    PreviewScene,
    SampleVoice,
    TaskStarted,
    TaskProgressed,
    TaskFailed,
    ScriptWritten,
    VoiceRecorded,
    ClipRendered,
    VideoAssembled,
    FactBatch,
    ScriptReady,
    VideoReady,
    ProjectCompleted,
    RunFailed,
    RunCancelled,
    StopRun,
    ProjectsChanged,
)

CATALOG: dict[str, type[Frozen]] = {str(cls.model_fields["type"].default): cls for cls in _ALL}
