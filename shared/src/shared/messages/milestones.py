"""Milestones: what a user wants to be told."""

from typing import Annotated, Literal

from pydantic import Field

from shared.messages.base import Frozen, Meta


class Milestone(Frozen):
    meta: Meta
    title: str


class ScriptReady(Milestone):
    type: Literal["script.ready.v1"] = "script.ready.v1"
    scenes: int


class VideoReady(Milestone):
    type: Literal["video.ready.v1"] = "video.ready.v1"
    duration_ms: int


class ProjectCompleted(Milestone):
    type: Literal["project.completed.v1"] = "project.completed.v1"


class RunFailed(Milestone):
    type: Literal["run.failed.v1"] = "run.failed.v1"
    code: str
    kind: Literal["script", "production"]


class RunCancelled(Milestone):
    type: Literal["run.cancelled.v1"] = "run.cancelled.v1"
    kind: Literal["script", "production"]


AnyMilestone = Annotated[
    ScriptReady | VideoReady | ProjectCompleted | RunFailed | RunCancelled,
    Field(discriminator="type"),
]
