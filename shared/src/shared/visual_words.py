"""What went wrong with a generated picture or footage, for users. Part of ``shared.progress``."""

from typing import Final

from shared.messages.base import Language

VISUAL_FAILURES: Final[dict[str, dict[Language, str]]] = {
    "visual_failed": {
        "zh-CN": "画面素材生成失败，请重试。",
        "en": "A picture or footage for a scene could not be generated. Try again.",
    },
    "visual_unreadable": {
        "zh-CN": "服务商返回的素材无法打开，可能已产生费用。请修改这一幕的提示词，或要求重新生成。",
        "en": "What the provider made for a scene can't be opened; it may have been "
        "charged. Change the scene's prompt or ask for another one.",
    },
    "job_unreachable": {
        "zh-CN": "服务商的任务仍在进行，但密钥被拒绝，无法查询。"
        "请管理员检查密钥后重试，不会重复付费。",
        "en": "The provider's job goes on, but it can't be asked for: the key is refused. Have the "
        "key checked, then try again; nothing is paid for twice.",
    },
    "visual_expired": {
        "zh-CN": "服务商已不再保留生成的结果，费用可能已经产生。请要求重新生成（会再次计费）。",
        "en": "The provider no longer has what it made, which may have been charged. Ask for "
        "another one; that is charged again.",
    },
    "image_not_configured": {
        "zh-CN": "图片生成服务尚未配置。请改用上传的图片，或请管理员补全设置。",
        "en": "No image generator is configured. Upload a picture instead, or have the settings "
        "completed.",
    },
    "footage_not_configured": {
        "zh-CN": "视频素材生成服务尚未配置。请换用其他卡片，或请管理员补全设置。",
        "en": "No footage generator is configured. Choose another card, or have the settings "
        "completed.",
    },
    "footage_unreadable": {
        "zh-CN": "有一幕的视频素材无法播放。请修改它的提示词，或要求重新生成。",
        "en": "A scene's footage can't be played. Change its prompt or ask for another one.",
    },
    "visual_timeout": {
        "zh-CN": "生成画面素材超时。请重试；已付费的任务会继续，不会重复付费。",
        "en": "Generating a scene's picture or footage took too long. Try again; what is paid for "
        "is taken up again.",
    },
}
