"""Example scenes: one of every card, and texts that are hard to set. For contact sheets and
tests.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from PIL import Image

from media_worker.render.boxes import even
from media_worker.render.planes import Planes, planes_of
from shared.messages.script import (
    Bar,
    BarsCard,
    Card,
    FootageCard,
    LineCard,
    ListCard,
    NumberCard,
    PictureCard,
    Point,
    QuoteCard,
    Side,
    SplitCard,
    StepsCard,
    TitleCard,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A scene; ``ratio`` is width by height of its picture or film."""

    heading: str
    card: Card
    caption: str
    ratio: float | None = None


def _case(heading: str, card: Card, caption: str, ratio: float | None = None) -> Case:
    return Case(heading=heading, card=card, caption=caption, ratio=ratio)


CASES: Final[tuple[Case, ...]] = (
    _case("海绵城市", TitleCard(subtitle="雨水去哪儿了"), "城市里的雨水管理正在发生变化"),
    _case(
        "三个办法",
        ListCard(items=("透水铺装让雨水渗进土里", "雨水花园净化雨水", "调蓄池把雨水存起来")),
        "海绵城市的思路恰好相反",
    ),
    _case(
        "透水铺装",
        NumberCard(value="40%", label="能减少的地表径流"),
        "透水铺装能减少约40%的地表径流",
    ),
    _case(
        "退水时间",
        BarsCard(
            bars=(
                Bar(label="改造前", value=72),
                Bar(label="第一年", value=31),
                Bar(label="改造后", value=10),
            ),
            unit=" 小时",
        ),
        "改造以后，十个小时水就退了",
    ),
    _case(
        "建成面积逐年增加",
        LineCard(
            points=tuple(
                Point(label=str(year), value=value)
                for year, value in ((2019, 12), (2020, 18), (2021, 17), (2022, 31), (2023, 46))
            ),
            unit=" 万亩",
        ),
        "五年里，海绵城市的面积翻了近两番",
    ),
    _case(
        "规划师怎么说",
        QuoteCard(text="让土地自己把水吸进去，城市才会呼吸。", source="一位规划师"),
        "让土地自己把水吸进去",
    ),
    _case(
        "How the rain is kept",
        StepsCard(items=("Soak it up", "Hold it", "Clean it", "Use it again")),
        "Four steps keep the rain where it falls",
    ),
    _case(
        "湿地公园",
        PictureCard(caption="雨季里的湿地：水位高了，路还是干的"),
        "这里一年能留住三场暴雨",
        1.5,
    ),
    _case(
        "两种城市",
        SplitCard(
            left=Side(heading="从前", items=("雨水排得越快越好", "路面不透水", "下游常常内涝")),
            right=Side(heading="现在", items=("雨水留在原地", "路面会呼吸", "旱季也有水用")),
        ),
        "排水的城市，变成了蓄水的城市",
    ),
    _case(
        "街角的雨水花园",
        PictureCard(caption="一米深的砾石，一夜就把水喝完"),
        "竖着的照片也放得下",
        0.75,
    ),
    _case(
        "暴雨来的那一夜",
        FootageCard(caption="湿地，凌晨两点"),
        "水漫过了栈道，没有漫过马路",
        1.78,
    ),
    _case(
        "天亮以后",
        FootageCard(frame="panel", caption="同一个地方，六个小时以后"),
        "太阳出来的时候，水已经退了",
        1.78,
    ),
)

_LONG: Final = (
    "城市更新不只是把旧房子拆掉重建，而是让人们愿意留下来的一整套办法，"
    "从一条路、一棵树和一盏灯开始，一点一点地慢慢变好起来"
)
_ENGLISH: Final = (
    "Counterrevolutionaries’ incomprehensibilities and https://example.com/a-very-long-address"
)
_ARABIC: Final = "مدينة الإسفنج تحتفظ بمياه الأمطار 40%"
_HEBREW: Final = "עיר הספוג שומרת את מי הגשם"
_EMOJI: Final = "👍🏽🎉 海绵 👨‍👩‍👧‍👦 城市 🇨🇳❤️"
HARD: Final[tuple[Case, ...]] = (
    _case("雨", TitleCard(subtitle="水"), "雨"),
    _case(_LONG, TitleCard(subtitle=_LONG), _LONG[:20]),
    _case(_ENGLISH, ListCard(items=(_ENGLISH, "a", _EMOJI, _ARABIC)), "Incomprehensibilities"),
    _case(_LONG, ListCard(items=(_LONG,) * 8), "一、二、三、四、五、六、七、八"),
    _case(_EMOJI, QuoteCard(text=_LONG * 2, source=_LONG), _EMOJI),
    _case(_ARABIC, StepsCard(items=(_ARABIC, _HEBREW, "שלום, 123 abc!")), _HEBREW),
    _case("1", NumberCard(value="1", label=_LONG), "1"),
    _case(_LONG, NumberCard(value="1,234,567.89 万亿美元/平方", label="x"), "数字很长"),
    _case(
        _LONG,
        BarsCard(
            bars=tuple(Bar(label=_LONG[:40], value=10.0**n) for n in range(8)), unit=" 吨每平方公里"
        ),
        "条目很多，名字也很长",
    ),
    _case(
        _ENGLISH[:60],
        LineCard(
            points=tuple(
                Point(label=f"20{n:02} 年第一季度", value=(n * 37 % 11) * 12345.678 - 3e4)
                for n in range(24)
            ),
            unit=" 亿元",
        ),
        "二十四个点的折线，有正有负",
    ),
    _case(
        _LONG,
        SplitCard(
            left=Side(heading=_LONG[:40], text=_LONG, items=(_LONG,) * 5),
            right=Side(heading="x", text="", items=()),
        ),
        "一边很满，一边很空",
    ),
    _case(_LONG, PictureCard(caption=_LONG), "很宽的图片", 6.0),
    _case(_HEBREW, PictureCard(caption=_EMOJI), "很窄的图片", 0.2),
    _case("", SplitCard(left=Side(heading="是"), right=Side(heading="否")), "，。！？"),
    _case(_LONG, FootageCard(caption=_LONG), _LONG[:20], 1.78),
    _case(_LONG, FootageCard(frame="panel", caption=_LONG), "一边是很长的标题", 0.56),
    _case(_ARABIC, FootageCard(frame="panel", caption=_HEBREW), _ARABIC, 1.0),
)


class Poster:
    """A picture in the place of a film."""

    def __init__(self, picture: Image.Image) -> None:
        self._picture = picture
        self._planes = planes_of(np.asarray(picture))

    def at(self, _: int) -> Planes:
        return self._planes

    def still(self) -> Image.Image:
        return self._picture


@lru_cache(maxsize=8)
def photo(ratio: float) -> Image.Image:
    """A made-up landscape: a sky, hills, water."""
    width, height = (900, even(900 / ratio)) if ratio >= 1 else (even(900 * ratio), 900)
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    sky = (1 - down) * np.array([88, 148, 206]) + down * np.array([250, 214, 170])
    pixels = np.broadcast_to(sky, (height, width, 3)).copy()
    across = np.arange(width) / width
    rows = np.arange(height)[:, None] / height
    for base, swing, turn, shade in (
        (0.52, 0.06, 1.0, (96, 128, 134)),
        (0.62, 0.05, 2.3, (58, 98, 92)),
        (0.74, 0.03, 4.1, (34, 66, 60)),
    ):
        ridge = base + swing * np.sin(across * 6.3 * turn + turn) + swing / 2 * np.sin(across * 17)
        pixels[rows > ridge[None, :]] = shade
    pixels[rows[:, 0] > 0.84] = (70, 120, 150)
    return Image.fromarray(pixels.astype(np.uint8))
