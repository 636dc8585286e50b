"""Milestone → the notice that a user reads. Pure."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from shared.messages.base import Language
from shared.messages.milestones import AnyMilestone, RunCancelled, RunFailed
from shared.progress import failure_text

_TITLES: Final[dict[str, dict[Language, str]]] = {
    "script.ready.v1": {"zh-CN": "脚本生成完成", "en": "Your script is ready"},
    "video.ready.v1": {"zh-CN": "视频制作完成", "en": "Your video is ready"},
    "project.completed.v1": {"zh-CN": "项目已完成", "en": "Your project is complete"},
    "run.failed.v1 script": {"zh-CN": "脚本生成失败", "en": "Your script could not be written"},
    "run.failed.v1 production": {"zh-CN": "视频制作失败", "en": "Your video could not be made"},
    "run.cancelled.v1 script": {"zh-CN": "脚本生成已取消", "en": "Writing was cancelled"},
    "run.cancelled.v1 production": {"zh-CN": "视频制作已取消", "en": "Production was cancelled"},
}
_BODIES: Final[dict[str, dict[Language, str]]] = {
    "script.ready.v1": {
        "zh-CN": "《{title}》的脚本已生成，请查看并确认。",
        "en": "The script of “{title}” is ready. Look it over and confirm it.",
    },
    "video.ready.v1": {
        "zh-CN": "《{title}》已制作完成，点击查看。",
        "en": "“{title}” is ready to watch.",
    },
    "project.completed.v1": {"zh-CN": "《{title}》已完成。", "en": "“{title}” is complete."},
    "run.failed.v1": {"zh-CN": "《{title}》：{reason}", "en": "“{title}”: {reason}"},
    "run.cancelled.v1": {
        "zh-CN": "《{title}》已取消，已完成的部分会保留。",
        "en": "“{title}” was cancelled. What is finished was kept.",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """``id`` is the milestone's: however often it is delivered, there is one notice."""

    id: UUID
    user_id: str
    project_id: UUID
    run_id: UUID
    kind: str
    title: str
    body: str


def notice_for(milestone: AnyMilestone) -> Notice:
    """The words in the project's language; a failure says what failed, why, and what to do."""
    meta = milestone.meta
    told = {"title": milestone.title}
    if isinstance(milestone, RunFailed):
        told["reason"] = failure_text(milestone.code, meta.language)
    of_run = isinstance(milestone, RunFailed | RunCancelled)
    name = f"{milestone.type} {milestone.kind}" if of_run else milestone.type
    return Notice(
        id=meta.message_id,
        user_id=meta.user_id,
        project_id=meta.project_id,
        run_id=meta.run_id,
        kind=milestone.type.rsplit(".", 1)[0],
        title=_TITLES[name][meta.language],
        body=_BODIES[milestone.type][meta.language].format(**told)[:500],
    )
