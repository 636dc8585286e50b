"""How far a run is, and the words for it: weights, percent, and one catalogue of texts in zh-CN
and en.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Protocol

from shared.messages.base import Language, Stage
from shared.messages.facts import Note
from shared.state import Failure, Run, RunKind, TaskState
from shared.visual_words import VISUAL_FAILURES


class Piece(Protocol):
    """What counts of a task, or of a row that tells of one."""

    @property
    def stage(self) -> Stage: ...
    @property
    def state(self) -> TaskState: ...
    @property
    def percent(self) -> float: ...
    @property
    def weight(self) -> float: ...
    @property
    def reused(self) -> bool: ...


def percent_of(tasks: Iterable[Piece]) -> int:
    """The weighted share of the tasks' percents, 0–99: 100 is for a run that ended well.

    Reused tasks weigh nothing, so they can't make an unfinished run look far on.
    """
    total = done = 0.0
    for task in tasks:
        if not task.reused:
            total += task.weight
            done += task.weight * task.percent / 100
    return min(99, int(100 * done / total)) if total else 0


def stage_percent(tasks: Iterable[Piece]) -> int:
    """One stage's own percent, 0–100; a stage whose tasks are all reused is at 100."""
    tasks = list(tasks)
    if not tasks:
        return 0
    if all(task.state is TaskState.DONE for task in tasks):
        return 100
    return percent_of(tasks)


def activity(run: Run) -> Note:
    """What the run is doing now, as a code and its parameters."""
    again = [task for task in run.tasks if task.attempt > 1 and task.state in _WAITING]
    if again and not any(task.state is TaskState.RUNNING for task in run.tasks):
        return Note(code="retrying", params={"attempt": max(task.attempt for task in again)})
    if run.kind is RunKind.SCRIPT:
        task = run.tasks[0]
        if task.note:
            return task.note
        started = task.state is TaskState.RUNNING
        return Note(code="script_preparing" if started else "script_queued")
    for code, stage in _DOING.items():
        states = [task.state for task in run.tasks if task.stage == stage]
        done = states.count(TaskState.DONE)
        if done < len(states):
            if not done and TaskState.RUNNING not in states:
                return Note(code="production_queued")
            return _counted(code, done, len(states))
    return Note(code="video_assembling")


@lru_cache(maxsize=1_024)
def _counted(code: str, done: int, total: int) -> Note:
    """The same note again for the same figures: of thousands a second, few differ."""
    return Note(code=code, params={"done": done, "total": total})


_DOING: Final = {
    "voice_recording": "voice",
    "visual_making": "visual",
    "clip_rendering": "clip",
}
_WAITING: Final = frozenset({TaskState.READY, TaskState.DISPATCHED})


TEXTS: Final[dict[str, dict[Language, str]]] = {
    "script_queued": {
        "zh-CN": "已提交，等待生成脚本…",
        "en": "Submitted, waiting to write the script…",
    },
    "script_preparing": {"zh-CN": "正在准备生成脚本…", "en": "Preparing to write the script…"},
    "script_writing": {
        "zh-CN": "正在生成第{scene}段脚本…",
        "en": "Writing part {scene} of the script…",
    },
    "retrying": {
        "zh-CN": "上一次尝试没有成功，稍后自动重试（第{attempt}次）…",
        "en": "The last attempt failed; trying again by itself (attempt {attempt})…",
    },
    "script_ready": {"zh-CN": "脚本生成完成", "en": "The script is ready"},
    "production_queued": {"zh-CN": "已提交，等待制作…", "en": "Submitted, waiting for a worker…"},
    "voice_recording": {
        "zh-CN": "正在生成配音（{done}/{total}）…",
        "en": "Recording the narration ({done}/{total})…",
    },
    "visual_making": {
        "zh-CN": "正在生成画面素材（{done}/{total}）…",
        "en": "Generating pictures and footage ({done}/{total})…",
    },
    "clip_rendering": {
        "zh-CN": "正在制作画面（{done}/{total}）…",
        "en": "Drawing the scenes ({done}/{total})…",
    },
    "video_assembling": {"zh-CN": "正在合成视频…", "en": "Putting the video together…"},
    "video_ready": {"zh-CN": "视频制作完成", "en": "The video is ready"},
    "project_completed": {"zh-CN": "项目已完成", "en": "The project is complete"},
    "run_failed": {"zh-CN": "制作失败", "en": "The run failed"},
    "run_cancelled": {"zh-CN": "已取消", "en": "Cancelled"},
    "script_edited": {"zh-CN": "脚本已修改", "en": "The script was edited"},
}

FAILURES: Final[dict[str, dict[Language, str]]] = {
    **VISUAL_FAILURES,
    "internal": {
        "zh-CN": "内部错误。请重试；若仍失败，请联系管理员。",
        "en": "An internal error. Try again; if it fails again, tell the operators.",
    },
    "source_empty": {
        "zh-CN": "没有可以写成脚本的文字。请换一篇内容后重新生成。",
        "en": "There is no text to make a script from. Change the source and generate again.",
    },
    "script_failed": {
        "zh-CN": "脚本生成失败，请重试。",
        "en": "The script could not be written. Try again.",
    },
    "voice_failed": {
        "zh-CN": "配音失败。请重试，或修改这一段的旁白。",
        "en": "The narration could not be recorded. Try again, or change its words.",
    },
    "render_failed": {
        "zh-CN": "画面制作失败，请重试。",
        "en": "A scene could not be drawn. Try again.",
    },
    "assembly_failed": {
        "zh-CN": "视频合成失败，请重试。",
        "en": "The video could not be put together. Try again.",
    },
    "picture_unreadable": {
        "zh-CN": "有一幕的图片无法打开。请换一张 JPEG、PNG 或 WebP 图片。",
        "en": "A scene's picture can't be opened. Choose another JPEG, PNG or WebP.",
    },
    "music_unreadable": {
        "zh-CN": "背景音乐无法打开。请换一个音频文件或选择内置音乐。",
        "en": "The music can't be opened. Choose another file or built-in music.",
    },
    "theme_unknown": {
        "zh-CN": "所选的主题不存在。请选择其他主题后重试。",
        "en": "There is no such theme. Choose another one and try again.",
    },
    "engine_unavailable": {
        "zh-CN": "所选的引擎当前不可用。请稍后重试或更换设置。",
        "en": "The chosen engine is not available now. Try again later or change the settings.",
    },
    "artifact_missing": {
        "zh-CN": "之前生成的素材已不存在。重试会重新生成它。",
        "en": "Something made earlier is gone. A retry makes it anew.",
    },
    "outcome_unknown": {
        "zh-CN": "付费调用中断，结果未知，可能已经扣费。重试需要您确认可能再次付费。",
        "en": "A paid call was cut off and may have been charged. A retry asks you to accept a "
        "second charge.",
    },
    "run_cancelled": {
        "zh-CN": "已取消，没有再发起付费调用。",
        "en": "Cancelled; no further paid call was made.",
    },
    "provider_key_refused": {
        "zh-CN": "服务商不接受所配置的密钥。请管理员检查密钥后重试，未产生费用。",
        "en": "The provider refused the configured key. Have it checked, then try again; nothing "
        "was charged.",
    },
    "provider_quota_spent": {
        "zh-CN": "服务商账户的余额或额度已用完。请充值后重试。",
        "en": "The provider's account has no credit left. Top it up and try again.",
    },
    "provider_busy": {
        "zh-CN": "服务商当前繁忙，多次尝试后仍未成功。请稍后重试。",
        "en": "The provider is busy and stayed so over several attempts. Try again later.",
    },
    "provider_unavailable": {
        "zh-CN": "无法从服务商得到结果。请稍后重试。",
        "en": "The provider could not be reached or did not answer. Try again later.",
    },
    "provider_rejected": {
        "zh-CN": "服务商拒绝了这次请求（模型或参数不对）。请管理员检查设置后重试。",
        "en": "The provider rejected the request (model or parameters). Have the settings "
        "checked, then try again.",
    },
    "prompt_refused": {
        "zh-CN": "服务商的模型拒绝处理这些内容。请修改内容或提示词后重新生成。",
        "en": "The provider's model refused this. Change the content or the prompt and try again.",
    },
    "reply_invalid": {
        "zh-CN": "模型的回答无法用作脚本。请重新生成或更换模型。",
        "en": "The model's answer could not be used as a script. Generate again or choose another "
        "model.",
    },
    "writer_not_configured": {
        "zh-CN": "脚本生成服务尚未配置完整，请管理员补全设置。",
        "en": "The script writer is not fully configured. Have the settings completed.",
    },
    "revision_unsupported": {
        "zh-CN": "离线写作只能缩短一段，不能改写。请配置语言模型后再试。",
        "en": "The offline writer can shorten a scene but not rewrite one. Configure a language "
        "model for that.",
    },
    "scene_unknown": {
        "zh-CN": "要修改的这一段已不在脚本里。请刷新后重试。",
        "en": "The scene to change is no longer in the script. Reload and try again.",
    },
    "nothing_to_shorten": {
        "zh-CN": "这一段只有一句话，无法再缩短。",
        "en": "This scene is a single sentence and can't be shortened further.",
    },
    "script_timeout": {
        "zh-CN": "生成脚本超时，请重试。",
        "en": "Writing the script took too long. Try again.",
    },
    "voice_timeout": {
        "zh-CN": "配音超时，请重试。",
        "en": "Recording the narration took too long. Try again.",
    },
    "clip_timeout": {
        "zh-CN": "画面制作超时，请重试。",
        "en": "Drawing a scene took too long. Try again.",
    },
    "assembly_timeout": {
        "zh-CN": "视频合成超时，请重试。",
        "en": "Putting the video together took too long. Try again.",
    },
    "preview_timeout": {
        "zh-CN": "预览制作超时，请再试一次。",
        "en": "Making the preview took too long. Try again.",
    },
    "preview_lost": {
        "zh-CN": "两分钟内没有做好：制作服务可能正忙或已停止，请稍后再试。",
        "en": "It was not made within two minutes: the workers are busy or away. Try again later.",
    },
    "sample_costs": {
        "zh-CN": "这个配音按量收费，不提供试听。",
        "en": "This voice costs money, so there is no sample.",
    },
    "run_timeout": {
        "zh-CN": "制作超过了两小时的上限。已完成的部分会保留，重试将从那里继续。",
        "en": "The run passed its limit of two hours. What is finished stays; retry to go on.",
    },
    "worker_lost": {
        "zh-CN": "制作进程多次中断。已完成的部分会保留，请重试。",
        "en": "The worker was lost again and again. What is finished stays; try again.",
    },
    "worker_crashed": {
        "zh-CN": "这一步多次导致制作进程崩溃。请修改内容后重试。",
        "en": "This step crashed its worker again and again. Change the content and try again.",
    },
    "interrupted": {
        "zh-CN": "升级前的任务已中断，请重新生成。",
        "en": "The job was interrupted by an upgrade. Generate again.",
    },
}


def text(note: Note, language: Language) -> str:
    """The words for a note; a code this version does not know is shown as it is, never raised
    on.
    """
    found = TEXTS.get(note.code)
    if found is None:
        return note.code
    try:
        return found[language].format(**note.params)
    except (KeyError, IndexError):
        return found[language]


# What does not cure itself in seconds, but may well go better when the user tries again: by itself,
# or once somebody has paid the provider's bill or mended the settings.
_USER_MAY_RETRY: Final = frozenset(
    {
        "internal",
        "artifact_missing",
        "engine_unavailable",
        "outcome_unknown",
        "provider_key_refused",
        "provider_quota_spent",
        "provider_rejected",
        "writer_not_configured",
        "image_not_configured",
        "footage_not_configured",
        "script_timeout",
        "voice_timeout",
        "visual_timeout",
        "job_unreachable",
        "clip_timeout",
        "assembly_timeout",
        "run_timeout",
        "worker_lost",
        "interrupted",
    }
)


def user_can_retry(failure: Failure) -> bool:
    """Whether the same again can help, so that a page offers it."""
    return failure.retryable or failure.code in _USER_MAY_RETRY


def failure_text(code: str, language: Language) -> str:
    """What went wrong and what to do, for a user."""
    return FAILURES.get(code, FAILURES["internal"])[language]
