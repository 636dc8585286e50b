"""Where everything of a card stands: pure boxes in pixels, before a single one is drawn.

Content stays in the upper three quarters; the lower quarter is the captions' alone, at every zoom.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from media_worker.render.boxes import Area, Box, Frame, rule_box, shape_box, text_box
from media_worker.render.fonts import fit
from shared.messages.script import (
    BarsCard,
    Card,
    ListCard,
    NumberCard,
    QuoteCard,
    StepsCard,
    TitleCard,
)

BOTTOM: Final = 0.70  # of the height: nothing of a card reaches below


def layout(heading: str, card: Card, frame: Frame) -> list[Box]:
    """Boxes from back to front."""
    side = 0.09 if frame.tall else 0.12
    whole = Area(
        x0=frame.width * side,
        x1=frame.width * (1 - side),
        y0=frame.height * (0.14 if frame.tall else 0.10),
        y1=frame.height * BOTTOM,
    )
    if isinstance(card, TitleCard):
        boxes = _title(heading, card, whole, frame)
        return [box for box in boxes if box.text is None or box.text.lines]
    boxes, content = _headed(heading, whole, frame)
    if isinstance(card, ListCard):
        return boxes + _rows(card.items, content, frame, numbered=False)
    if isinstance(card, StepsCard):
        return boxes + _steps(card.items, content, frame)
    if isinstance(card, NumberCard):
        return boxes + _number(card, content, frame)
    if isinstance(card, BarsCard):
        return boxes + _bars(card, content, frame)
    return boxes + _quote(card, content, frame)


def _title(heading: str, card: TitleCard, whole: Area, frame: Frame) -> list[Box]:
    lower = 0.30 if card.subtitle else 0.12
    head = Area(x0=whole.x0, x1=whole.x1, y0=whole.y0, y1=whole.y1 - whole.height * lower)
    fitted = fit(heading, head.width, head.height * 0.8, frame.size(0.045, 0.135), "Bold")
    top = head.y0 + (head.height - fitted.height) * 0.62
    box = Box(
        role="text",
        x0=head.x0,
        x1=head.x1,
        y0=top,
        y1=top + fitted.height,
        text=fitted,
        weight="Bold",
    )
    rule = rule_box(whole, box.y1 + frame.unit * 0.035, frame)
    if not card.subtitle:
        return [box, rule]
    below = Area(x0=whole.x0, x1=whole.x1, y0=rule.y1 + frame.unit * 0.035, y1=whole.y1)
    sub = fit(card.subtitle, below.width, below.height, frame.size(0.026, 0.052))
    subtitle = Box(
        role="text", x0=below.x0, x1=below.x1, y0=below.y0, y1=below.y0 + sub.height, text=sub
    )
    return [box, rule, subtitle]


def _headed(heading: str, whole: Area, frame: Frame) -> tuple[list[Box], Area]:
    band = whole.height * (0.24 if frame.tall else 0.25)
    if not heading.strip():
        return [], whole
    head = Area(x0=whole.x0, x1=whole.x1, y0=whole.y0, y1=whole.y0 + band)
    box = text_box(heading, head, frame.size(0.036, 0.088), weight="Bold")
    rule = rule_box(whole, head.y1 + frame.unit * 0.012, frame)
    content = Area(x0=whole.x0, x1=whole.x1, y0=rule.y1 + frame.unit * 0.035, y1=whole.y1)
    return [box, rule], content


def _rows(items: Sequence[str], content: Area, frame: Frame, *, numbered: bool) -> list[Box]:
    """Panels one below the other, in two columns when there are many and room enough."""
    gap = frame.unit * 0.022
    count = len(items)
    wide = frame.width > frame.height and count > 4
    columns = content.columns(2, gap) if wide else [content]
    per = -(-count // len(columns))
    tallest = frame.unit * 0.13
    boxes: list[Box] = []
    for index, item in enumerate(items):
        column = columns[index // per]
        tall = min((column.height - gap * (per - 1)) / per, tallest)
        top = column.y0 + (column.height - per * tall - gap * (per - 1)) / 2
        y = top + (index % per) * (tall + gap)
        row = Area(x0=column.x0, x1=column.x1, y0=y, y1=y + tall)
        boxes += _row(item, index, row, frame, numbered=numbered)
    return boxes


def _row(item: str, index: int, row: Area, frame: Frame, *, numbered: bool) -> list[Box]:
    badge = min(row.height * 0.56, frame.unit * 0.066)
    left, middle = row.x0 + frame.unit * 0.03, (row.y0 + row.y1) / 2
    mark = Area(x0=left, x1=left + badge, y0=middle - badge / 2, y1=middle + badge / 2)
    if not numbered:
        dot = badge * 0.2
        center = (mark.x0 + mark.x1) / 2
        mark = Area(x0=center - dot, x1=center + dot, y0=middle - dot, y1=middle + dot)
    words = Area(
        x0=left + badge + frame.unit * 0.022,
        x1=row.x1 - frame.unit * 0.025,
        y0=row.y0 + row.height * 0.08,
        y1=row.y1 - row.height * 0.08,
    )
    boxes = [shape_box("panel", row), shape_box("badge", mark, accent=True)]
    if numbered:
        inner = mark.inset(badge * 0.12, badge * 0.1)
        boxes.append(
            text_box(
                str(index + 1), inner, (8, max(9, round(badge * 0.5))), weight="Bold", accent=True
            )
        )
    return [*boxes, text_box(item, words, frame.size(0.020, 0.05), align="left")]


def _steps(items: Sequence[str], content: Area, frame: Frame) -> list[Box]:
    """Linked circles where they fit beside one another, else numbered rows."""
    if frame.tall or len(items) > 5 or len(items) == 1:
        return _rows(items, content, frame, numbered=True)
    columns = content.columns(len(items), frame.unit * 0.05)
    radius = min(frame.unit * 0.085, columns[0].width * 0.42)
    y = content.y0 + content.height * 0.36
    circles = [
        Area(
            x0=(c.x0 + c.x1) / 2 - radius,
            x1=(c.x0 + c.x1) / 2 + radius,
            y0=y - radius,
            y1=y + radius,
        )
        for c in columns
    ]
    thick = max(2.0, frame.unit * 0.005)
    boxes = [
        shape_box("link", Area(x0=a.x1, x1=b.x0, y0=y - thick / 2, y1=y + thick / 2))
        for a, b in itertools.pairwise(circles)
    ]
    for index, (item, column, circle) in enumerate(zip(items, columns, circles, strict=True)):
        boxes.append(shape_box("badge", circle, accent=True))
        number = circle.inset(radius * 0.4, radius * 0.4)
        size = max(9, round(radius * 0.8))
        boxes.append(text_box(str(index + 1), number, (8, size), weight="Bold", accent=True))
        words = Area(x0=column.x0, x1=column.x1, y0=circle.y1 + frame.unit * 0.03, y1=content.y1)
        boxes.append(text_box(item, words, frame.size(0.020, 0.044)))
    return boxes


def _number(card: NumberCard, content: Area, frame: Frame) -> list[Box]:
    share = 0.66 if card.label else 1.0
    split = content.y0 + content.height * share
    value = Area(x0=content.x0, x1=content.x1, y0=content.y0, y1=split)
    size = frame.size(0.04, 0.26)
    figure = text_box(card.value, value, size, weight="Bold", accent=True, most=1)
    boxes = [replace(figure, role="accent")]
    if card.label:
        label = Area(x0=content.x0, x1=content.x1, y0=split, y1=content.y1)
        boxes.append(text_box(card.label, label, frame.size(0.022, 0.05)))
    return boxes


def _bars(card: BarsCard, content: Area, frame: Frame) -> list[Box]:
    gap = frame.unit * 0.02
    most = max((bar.value for bar in card.bars), default=0) or 1
    boxes: list[Box] = []
    for row in zip(card.bars, content.rows(len(card.bars), gap), strict=True):
        bar, area = row
        name = Area(x0=area.x0, x1=area.x0 + area.width * 0.27, y0=area.y0, y1=area.y1)
        value = Area(x0=area.x1 - area.width * 0.2, x1=area.x1, y0=area.y0, y1=area.y1)
        track = Area(x0=name.x1 + gap, x1=value.x0 - gap, y0=area.y0, y1=area.y1)
        thick = min(track.height * 0.62, frame.unit * 0.07)
        middle = (track.y0 + track.y1) / 2
        length = max(frame.unit * 0.012, track.width * bar.value / most)
        filled = Area(
            x0=track.x0, x1=track.x0 + length, y0=middle - thick / 2, y1=middle + thick / 2
        )
        trough = Area(x0=track.x0, x1=track.x1, y0=filled.y0, y1=filled.y1)
        figure = f"{bar.value:,.10g}{card.unit}"
        boxes += [
            shape_box("panel", trough),
            shape_box("bar", filled, accent=bar.value == most),
            text_box(bar.label, name, frame.size(0.019, 0.042), align="right"),
            text_box(figure, value, frame.size(0.016, 0.044), weight="Bold", align="left", most=1),
        ]
    return boxes


def _quote(card: QuoteCard, content: Area, frame: Frame) -> list[Box]:
    panel = shape_box("panel", content)
    inner = content.inset(frame.unit * 0.06, frame.unit * 0.04)
    mark = Area(x0=inner.x0, x1=inner.x0 + frame.unit * 0.012, y0=inner.y0, y1=inner.y1)
    words = Area(
        x0=mark.x1 + frame.unit * 0.03,
        x1=inner.x1,
        y0=inner.y0,
        y1=inner.y1 - (inner.height * 0.24 if card.source else 0),
    )
    boxes = [
        panel,
        shape_box("rule", mark, accent=True),
        text_box(card.text, words, frame.size(0.022, 0.062), align="left"),
    ]
    if card.source:
        source = Area(x0=words.x0, x1=inner.x1, y0=words.y1, y1=inner.y1)
        boxes.append(text_box(f"— {card.source}", source, frame.size(0.020, 0.036), align="right"))
    return boxes
