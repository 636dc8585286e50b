"""An outline is told whole, a scene for each heading."""

from hypothesis import given, settings
from hypothesis import strategies as st

from script_worker.writers.outline import plan
from script_worker.writers.port import Request
from shared.messages.commands import Outline

OUTLINE = """# 城市雨水的出路

引言：三分钟看懂海绵城市。

## 为什么会内涝
- 地面硬化
- 管网老旧
  - 老城区一年一遇
- 河道被填

## 渗透率
- 透水砖：72%
- 草坪：85%
- 沥青：8%

## 怎么改造
1. 普查管网
2. 选择试点

> 水往低处流，城市要给它留路。
> —— 李强

## 待补充
"""
WORDS = st.text("雨水花园城市管网 abcXYZ123", min_size=1, max_size=30).filter(
    lambda text: any(c.isalpha() for c in text)
)
SECTIONS = st.lists(st.tuples(WORDS, st.lists(WORDS, max_size=20)), min_size=1, max_size=12)


def squeezed(text: str) -> str:
    return "".join(text.split())


async def test_each_heading_is_a_scene_with_the_card_that_suits_it(write):
    script = await write("outline", OUTLINE)

    assert script.title == "城市雨水的出路"
    assert [(scene.heading, scene.card.kind) for scene in script.scenes] == [
        ("城市雨水的出路", "title"),
        ("为什么会内涝", "list"),
        ("渗透率", "bars"),
        ("怎么改造", "steps"),
        ("怎么改造", "quote"),
        ("待补充", "title"),
    ]


async def test_points_are_shown_and_said(write):
    script = await write("outline", OUTLINE)

    assert script.scenes[1].card.items == ("地面硬化", "管网老旧", "老城区一年一遇", "河道被填")
    assert script.scenes[1].narration == (
        "为什么会内涝。地面硬化。管网老旧。老城区一年一遇。河道被填。"
    )
    assert [(b.label, b.value) for b in script.scenes[2].card.bars] == [
        ("透水砖", 72),
        ("草坪", 85),
        ("沥青", 8),
    ]
    assert script.scenes[4].card.source == "李强"


async def test_text_before_the_first_heading_and_underlined_headings_are_kept(write):
    script = await write("outline", "Hello there.\n\nRain\n====\n\nIt falls.\n", language="en")

    assert script.scenes[0].narration == "Hello there."
    assert script.scenes[1].heading == "Rain"
    assert script.scenes[1].narration == "Rain. It falls."


async def test_more_than_eight_points_are_spread_evenly(write):
    script = await write("outline", "# 清单\n" + "".join(f"- 第{n}件事\n" for n in range(18)))

    assert [len(s.card.items) for s in script.scenes if s.card.kind == "list"] == [6, 6, 6]


async def test_a_heading_of_any_length_is_said_whole(write):
    long = "很长的标题" * 60

    script = await write("outline", f"# {long}\n\n- 要点\n")

    assert all(len(scene.heading) <= 80 for scene in script.scenes)
    assert long in squeezed("".join(scene.narration for scene in script.scenes))


async def test_more_headings_than_scenes_lose_none(write):
    script = await write("outline", "".join(f"# 标题{n:03}号\n- 要点{n:03}\n" for n in range(200)))

    said = "".join(scene.narration for scene in script.scenes)
    shown = str([scene.card for scene in script.scenes])
    assert len(script.scenes) <= 60
    assert all(f"标题{n:03}号" in said and f"要点{n:03}" in shown for n in range(200))


@settings(deadline=None, max_examples=60)
@given(sections=SECTIONS)
def test_every_heading_and_every_point_is_said_and_shown(sections, task_id):
    text = "\n".join(
        f"## {heading}\n" + "".join(f"- {point}\n" for point in points)
        for heading, points in sections
    )
    request = Request(
        task_id=task_id,
        source=Outline(text=text),
        title=None,
        language="zh-CN",
        target_seconds=60,
    )

    made = plan(request)
    scenes = [made.scene(position) for position in range(made.scenes)]

    said = squeezed("".join(scene.narration for scene in scenes))
    shown = squeezed(
        str([[scene.heading, *getattr(scene.card, "items", [])] for scene in scenes])
        + str([getattr(scene.card, "bars", "") for scene in scenes])
    )
    for heading, points in sections:
        assert squeezed(heading) in said
        assert squeezed(heading) in shown
        assert all(squeezed(point) in said for point in points)
