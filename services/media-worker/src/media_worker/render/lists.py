"""Things below or beside one another: lists and steps."""

import itertools
import math
from collections.abc import Sequence

from media_worker.render.boxes import Area, Box, Page, shape, words
from media_worker.render.fitting import LINE, Fitted, fit, fit_all

_BETWEEN = 0.3  # of the size: air between bullets


def rows(items: Sequence[str], content: Area, page: Page, *, numbered: bool) -> list[Box]:
    """One below the other, in two columns when there are many and room enough; all in one size."""
    gap = page.px(0.02)
    columns = content.columns(2 if page.frame.wide and len(items) > 4 else 1, page.px(0.03))
    per = -(-len(items) // len(columns))
    most = min((content.height - gap * (per - 1)) / per, page.px(0.34))
    pad = min(page.px(0.024), most * 0.12)
    mark = min(page.px(0.07), most * 0.62) if numbered else page.px(0.026)
    before = pad + page.px(0.012) + mark + page.px(0.024)
    wide = columns[0].width - before - page.px(0.03)
    fitted = _set(items, wide, most - 2 * pad, page)
    tall = min(most, max(max(text.height for text in fitted) + 2 * pad, page.px(0.1)))
    boxes: list[Box] = []
    for index, text in enumerate(fitted):
        column = columns[index // per]
        top = content.y0 + (index % per) * (tall + gap)
        row = Area(x0=column.x0, x1=column.x1, y0=top, y1=top + tall)
        boxes += [shape("row", row), *_mark(index, row, mark, page, numbered=numbered)]
        area = Area(x0=row.x0 + before, x1=row.x0 + before + wide, y0=top, y1=row.y1)
        boxes.append(words(text, area, page.plain, align="left", tall=tall))
    return boxes


def _set(items: Sequence[str], wide: float, tall: float, page: Page) -> list[Fitted]:
    """One line each where that costs little size, else as large as they may be."""
    single = fit_all(items, wide, tall, page.size(0.046, 0.058), page.plain, most=1)
    if not any(text.shortened for text in single):
        return single
    return fit_all(items, wide, tall, page.size(0.022, 0.058), page.plain)


def _mark(index: int, row: Area, size: float, page: Page, *, numbered: bool) -> list[Box]:
    left, middle = row.x0 + page.px(0.03), (row.y0 + row.y1) / 2
    if not numbered:
        center = left + size / 2
        dot = page.px(0.0095)
        spot = Area(x0=center - dot, x1=center + dot, y0=middle - dot, y1=middle + dot)
        return [shape("dot", spot, "accent")]
    badge = Area(x0=left, x1=left + size, y0=middle - size / 2, y1=middle + size / 2)
    return _numbered(index, badge, page)


def _numbered(index: int, badge: Area, page: Page) -> list[Box]:
    readable = math.ceil(page.px(0.0175))
    number = Fitted(lines=(str(index + 1),), size=max(readable, round(badge.height * 0.56)))
    text = words(number, badge, page.strong, tone="on_accent", tall=badge.height)
    return [shape("badge", badge, "accent"), text]


def steps(items: Sequence[str], content: Area, page: Page) -> list[Box]:
    """Linked marks where their words fit beside one another, else numbered rows."""
    count = len(items)
    if page.frame.tall or count > (5 if page.frame.wide else 3) or count == 1:
        return rows(items, content, page, numbered=True)
    gap = page.px(0.05)
    columns = content.columns(count, gap)
    radius = min(page.px(0.085), columns[0].width * 0.42)
    top = content.y0 + page.px(0.03)
    below = content.moved(y0=top + 2 * radius + page.px(0.035))
    fitted = fit_all(
        items, columns[0].width, below.height, page.size(0.022, 0.056), page.plain, most=4
    )
    if any(text.shortened or text.size < page.px(0.034) for text in fitted):
        return rows(items, content, page, numbered=True)
    badges = [
        Area(x0=middle - radius, x1=middle + radius, y0=top, y1=top + 2 * radius)
        for middle in ((column.x0 + column.x1) / 2 for column in columns)
    ]
    boxes = [_link(one, two, page) for one, two in itertools.pairwise(badges)]
    for index, (text, column, badge) in enumerate(zip(fitted, columns, badges, strict=True)):
        boxes += _numbered(index, badge, page)
        boxes.append(words(text, column.moved(y0=below.y0), page.plain))
    return boxes


def _link(one: Area, two: Area, page: Page) -> Box:
    middle, thick, air = (one.y0 + one.y1) / 2, max(2.0, page.px(0.005)), page.px(0.016)
    area = Area(x0=one.x1 + air, x1=two.x0 - air, y0=middle - thick / 2, y1=middle + thick / 2)
    return shape("link", area)


def bullets(items: Sequence[str], area: Area, page: Page, size: int) -> list[Box]:
    """Small dots with text at a given size, from the area's upper edge on; an item is shortened
    only when those after it would find no room.
    """
    dot, top = size * 0.16, area.y0
    boxes: list[Box] = []
    for index, item in enumerate(items):
        later = line_room(size) * (len(items) - index - 1)
        room = Area(x0=area.x0 + size * 0.95, x1=area.x1, y0=top, y1=area.y1 - later)
        text = fit(item, room.width, room.height, (size, size), page.plain)
        middle = top + size * LINE / 2
        spot = Area(x0=area.x0, x1=area.x0 + 2 * dot, y0=middle - dot, y1=middle + dot)
        boxes += [shape("dot", spot, "accent"), words(text, room, page.plain, align="left")]
        top += text.height + size * _BETWEEN
    return boxes


def line_room(size: int) -> float:
    """What one bullet of one line needs."""
    return size * (LINE + _BETWEEN)
