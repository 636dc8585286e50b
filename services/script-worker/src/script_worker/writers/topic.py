"""A bare topic as a draft: scenes that tell the user what to write. No facts are made up."""

from dataclasses import dataclass
from typing import Final

from script_worker.writers.plan import Plan, SceneDraft
from script_worker.writers.port import Request
from script_worker.writers.text import one_line, plain, shortened, unmarked
from shared.messages.base import Language
from shared.messages.script import TitleCard

_SECONDS_A_SCENE: Final = 9.0
_FEWEST: Final = 3
_LONGEST_TOPIC: Final = 80
_LONGEST_HEADING: Final = 60


@dataclass(frozen=True, slots=True)
class _Part:
    """One scene of the frame. Parts with a low ``rank`` are kept when there is less time."""

    rank: int
    heading: str
    prompt: str


_PARTS: Final[dict[Language, tuple[_Part, ...]]] = {
    "zh-CN": (
        _Part(1, "{topic}", "在这里写：用一两句话引出“{topic}”，让观众想继续看下去。"),
        _Part(
            4, "一个具体场景", "在这里写：观众在生活中什么时候会遇到“{topic}”？讲一个您见过的场景。"
        ),
        _Part(2, "它是什么", "在这里写：用自己的话解释“{topic}”是什么，一句话说清楚。"),
        _Part(6, "来龙去脉", "在这里写：“{topic}”是怎么来的？写出时间和经过，并核对出处。"),
        _Part(5, "为什么重要", "在这里写：“{topic}”和观众有什么关系？写出一条最有说服力的理由。"),
        _Part(3, "要点一", "在这里写：关于“{topic}”，观众最应该记住的第一点。"),
        _Part(7, "要点二", "在这里写：关于“{topic}”的第二点，和上一点有什么不同？"),
        _Part(10, "要点三", "在这里写：关于“{topic}”的第三点。没有的话，请删掉这一幕。"),
        _Part(8, "一个数字", "在这里写：一个能说明“{topic}”的数字，并写出它的来源。"),
        _Part(9, "一个例子", "在这里写：一个真实的例子，写清时间、地点和结果。"),
        _Part(11, "常见误解", "在这里写：关于“{topic}”，人们常常弄错的一点，以及正确的说法。"),
        _Part(12, "可以怎么做", "在这里写：看完以后，观众可以马上去做的一件事。"),
        _Part(0, "最后一句", "在这里写：用一句话总结“{topic}”，这是观众会带走的话。"),
    ),
    "en": (
        _Part(
            1,
            "{topic}",
            "Write here: one or two sentences that open “{topic}” and make people stay.",
        ),
        _Part(
            4,
            "A scene from life",
            "Write here: where do viewers meet “{topic}”? Tell one scene you saw yourself.",
        ),
        _Part(
            2,
            "What it is",
            "Write here: what “{topic}” is, in your own words, in one clear sentence.",
        ),
        _Part(
            6,
            "How it came about",
            "Write here: how “{topic}” came about, with dates that you have checked.",
        ),
        _Part(
            5,
            "Why it matters",
            "Write here: what “{topic}” means to your viewers; one convincing reason.",
        ),
        _Part(
            3,
            "First point",
            "Write here: the first thing that viewers should remember about “{topic}”.",
        ),
        _Part(
            7,
            "Second point",
            "Write here: the second point about “{topic}”, and how it differs from the first.",
        ),
        _Part(
            10,
            "Third point",
            "Write here: the third point about “{topic}”. Delete this scene if there is none.",
        ),
        _Part(
            8,
            "One number",
            "Write here: one number that explains “{topic}”, and where it comes from.",
        ),
        _Part(
            9,
            "One example",
            "Write here: one true example, with its time, its place and its outcome.",
        ),
        _Part(
            11,
            "A common mistake",
            "Write here: what people often get wrong about “{topic}”, and what is right.",
        ),
        _Part(12, "What to do", "Write here: one thing that viewers can do right after watching."),
        _Part(
            0,
            "The last word",
            "Write here: “{topic}” summed up in one sentence that viewers take away.",
        ),
    ),
}
_LABEL: Final[dict[Language, str]] = {"zh-CN": "草稿：请填写", "en": "Draft: to be written"}


def plan(request: Request) -> Plan:
    """A scene for about every nine seconds that are wished, three at least, thirteen at most."""
    asked = one_line(unmarked(plain(request.source.text)))
    title = one_line(request.title or "") or shortened(asked, _LONGEST_TOPIC)
    parts = _PARTS[request.language]
    count = min(len(parts), max(_FEWEST, round(request.target_seconds / _SECONDS_A_SCENE)))
    kept = [part for part in parts if part.rank < count]
    shown = shortened(asked, _LONGEST_TOPIC)

    def scene(position: int) -> SceneDraft:
        part = kept[position]
        return SceneDraft(
            narration=part.prompt.replace("{topic}", shown),
            heading=part.heading.replace("{topic}", shortened(asked, _LONGEST_HEADING)),
            card=TitleCard(subtitle=_LABEL[request.language]),
        )

    return Plan(title=title, scenes=len(kept), scene=scene, draft=True)
