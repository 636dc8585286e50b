"""Things in panels: a quote, a picture, two sides."""

from dataclasses import replace

from media_worker.render.boxes import Area, Box, Page, Tone, shape, words
from media_worker.render.fitting import Sizes, fit
from media_worker.render.lists import bullets, line_room
from shared.messages.script import QuoteCard, Side, SplitCard


def quote(card: QuoteCard, content: Area, page: Page) -> list[Box]:
    across, down = page.px(0.055), page.px(0.045)
    inner = content.inset(across, down)
    left = inner.x0 + page.px(0.012) + page.px(0.034)
    source_tall = page.px(0.075) if card.source.strip() else 0.0
    room = Area(x0=left, x1=inner.x1, y0=inner.y0, y1=inner.y1 - source_tall)
    text = fit(card.text, room.width, room.height, page.size(0.026, 0.072), page.plain)
    spoken = words(text, room, page.plain, align="left")
    mark = Area(x0=inner.x0, x1=inner.x0 + page.px(0.012), y0=spoken.y0, y1=spoken.y1)
    boxes = [spoken]
    bottom = spoken.y1
    if source_tall:
        area = Area(x0=left, x1=inner.x1, y0=bottom + source_tall * 0.25, y1=content.y1)
        sizes = page.size(0.024, 0.044)
        who = fit(f"— {card.source}", area.width, source_tall * 0.75, sizes, page.plain, most=1)
        boxes.append(words(who, area, page.plain, align="right", tone="soft"))
        bottom += source_tall
    panel = replace(content, y1=bottom + down)
    return [shape("panel", panel), shape("mark", mark, "accent"), *boxes]


def picture(caption: str, content: Area, page: Page, ratio: float) -> list[Box]:
    """The whole picture as large as it may be, its caption below."""
    below = page.px(0.12) if caption.strip() else 0.0
    room = replace(content, y1=content.y1 - below)
    wide = min(room.width, room.height * ratio)
    tall = wide / ratio
    left = room.x0 if page.align == "left" else (room.x0 + room.x1 - wide) / 2
    framed = Area(x0=left, x1=left + wide, y0=room.y0, y1=room.y0 + tall)
    if not below:
        return [shape("picture", framed)]
    under = Area(x0=content.x0, x1=content.x1, y0=framed.y1 + page.px(0.022), y1=content.y1)
    sizes = page.size(0.026, 0.044)
    fitted = fit(caption, under.width, below - page.px(0.022), sizes, page.plain, most=2)
    return [
        shape("picture", framed),
        words(fitted, under, page.plain, align=page.align, tone="soft"),
    ]


def split(card: SplitCard, content: Area, page: Page) -> list[Box]:
    """Two panels of one size: beside each other, on an upright page below each other."""
    gap = page.px(0.03)
    sides = (card.left, card.right)
    if page.frame.tall:
        each = (content.height - gap) / 2
        areas = [replace(content, y1=content.y0 + each), content.moved(y0=content.y1 - each)]
    else:
        areas = content.columns(2, gap)
    sizes = page.size(0.018, 0.05)
    inner = areas[0].inset(page.px(0.035), page.px(0.03))
    head = _head_size(sides, inner, page)
    size = _size(sides, inner, page, sizes, head)
    tones: tuple[Tone, Tone] = ("ink", "accent")
    drawn = [
        _side(side, inner, page, head=head, size=size, tone=tone)
        for side, tone in zip(sides, tones, strict=True)
    ]
    tall = max(max(box.y1 for box in boxes) for boxes in drawn) - inner.y0 + page.px(0.06)
    boxes: list[Box] = []
    for index, (area, own) in enumerate(zip(areas, drawn, strict=True)):
        top = areas[0].y0 + (index * (tall + gap) if page.frame.tall else 0)
        dx, dy = area.x0 - areas[0].x0, top - areas[0].y0
        boxes.append(shape("panel", replace(area, y0=top, y1=top + tall)))
        boxes += [replace(box.lowered(dy), x0=box.x0 + dx, x1=box.x1 + dx) for box in own]
    return boxes


def _head_size(sides: tuple[Side, Side], inner: Area, page: Page) -> int:
    sizes = page.size(0.028, 0.062)
    found = [
        fit(side.heading, inner.width, _head_room(side, inner), sizes, page.strong, most=2)
        for side in sides
    ]
    return min(text.size for text in found)


def _head_room(side: Side, inner: Area) -> float:
    return inner.height * (0.32 - 0.032 * len(side.items))


def _size(sides: tuple[Side, Side], inner: Area, page: Page, sizes: Sizes, head: int) -> int:
    """The largest size at which both sides fit."""
    size = sizes[1]
    while size > sizes[0]:
        boxes = [
            box
            for side in sides
            for box in _side(side, inner, page, head=head, size=size, tone="ink")
        ]
        cut = any(box.text is not None and box.text.shortened for box in boxes)
        if not cut and max(box.y1 for box in boxes) <= inner.y1:
            return size
        size -= 1
    return size


def _side(  # noqa: PLR0913  (one side and how it is set)
    side: Side, inner: Area, page: Page, *, head: int, size: int, tone: Tone
) -> list[Box]:
    title = fit(
        side.heading, inner.width, _head_room(side, inner), (head, head), page.strong, most=2
    )
    boxes = [words(title, inner, page.strong, align="left", tone=tone)]
    top = boxes[0].y1 + page.px(0.014)
    if side.text.strip():
        room = inner.moved(y0=top)
        height = room.height - line_room(size) * len(side.items)
        text = fit(side.text, room.width, height, (size, size), page.plain)
        boxes.append(words(text, room, page.plain, align="left"))
        top = boxes[-1].y1 + page.px(0.012)
    return boxes + bullets(side.items, inner.moved(y0=top), page, size)
