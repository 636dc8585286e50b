"""``python -m media_worker.look [OUT]``: a contact sheet of every card in the three aspects."""

import argparse
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from media_worker.render.boxes import Frame
from media_worker.render.captions import caption_image
from media_worker.render.cards import picture
from media_worker.render.fonts import font
from media_worker.render.port import SIZES
from shared.messages.script import (
    Bar,
    BarsCard,
    Card,
    ListCard,
    NumberCard,
    QuoteCard,
    StepsCard,
    TitleCard,
)

CARDS: Final[tuple[tuple[str, Card, str], ...]] = (
    ("海绵城市", TitleCard(subtitle="雨水去哪儿了"), "城市里的雨水管理正在发生变化"),
    (
        "三个办法",
        ListCard(items=("透水铺装让雨水渗进土里", "雨水花园净化雨水", "调蓄池把雨水存起来")),
        "海绵城市的思路恰好相反",
    ),
    (
        "透水铺装",
        NumberCard(value="40%", label="能减少的地表径流"),
        "透水铺装能减少约40%的地表径流",
    ),
    (
        "退水时间",
        BarsCard(bars=(Bar(label="改造前", value=72), Bar(label="改造后", value=10)), unit=" 小时"),
        "改造以后，十个小时水就退了",
    ),
    (
        "规划师怎么说",
        QuoteCard(text="让土地自己把水吸进去，城市才会呼吸。", source="一位规划师"),
        "让土地自己把水吸进去",
    ),
    (
        "How the rain is kept",
        StepsCard(items=("Soak", "Hold", "Clean", "Use")),
        "Four steps keep the rain",
    ),
)


def sheet(scale: float = 0.4) -> Image.Image:
    """Rows of cards, columns of aspects, each with its caption as in the video."""
    gap = 16
    sizes = [(round(w * scale / 2) * 2, round(h * scale / 2) * 2) for w, h in SIZES.values()]
    row = max(height for _, height in sizes) + gap
    width = sum(width + gap for width, _ in sizes) + gap
    whole = Image.new("RGB", (width, row * len(CARDS) + gap + 24), (24, 26, 34))
    draw = ImageDraw.Draw(whole)
    x = gap
    for aspect, (wide, tall) in zip(SIZES, sizes, strict=True):
        draw.text((x, 8), aspect, font=font(16), fill="white")
        for number, (heading, card, caption) in enumerate(CARDS):
            frame = Frame(width=wide, height=tall)
            still = picture(heading, card, frame)
            words, left, top = caption_image(caption, frame)
            still.paste(words, (left, top), words)
            whole.paste(still, (x, 24 + gap + number * row))
        x += wide + gap
    return whole


def main() -> None:
    parser = argparse.ArgumentParser(description="A contact sheet of all cards in all aspects")
    parser.add_argument("out", nargs="?", default="output/look.jpg", type=Path)
    out: Path = parser.parse_args().out
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet().save(out, quality=86)
    print(out)  # noqa: T201  (the command's answer)


if __name__ == "__main__":
    main()
