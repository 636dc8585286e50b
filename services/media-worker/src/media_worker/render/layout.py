"""Where everything of a card stands: pure boxes in pixels, before a single one is drawn.

A card keeps to its page's area at every zoom; the strip below it is the captions' alone.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from media_worker.render import charts, lists, panes
from media_worker.render.bidi import is_rtl
from media_worker.render.boxes import Area, Box, Page, shape, words
from media_worker.render.fitting import Fitted, fit
from shared.messages.script import (
    BarsCard,
    Card,
    FootageCard,
    LineCard,
    ListCard,
    NumberCard,
    PictureCard,
    QuoteCard,
    SplitCard,
    StepsCard,
    TitleCard,
)

Content = Callable[[Any, Area, Page], list[Box]]
_CONTENTS: Final[dict[type, Content]] = {
    ListCard: lambda card, area, page: lists.rows(card.items, area, page, numbered=False),
    StepsCard: lambda card, area, page: lists.steps(card.items, area, page),
    NumberCard: charts.number,
    BarsCard: charts.bars,
    LineCard: charts.line,
    QuoteCard: panes.quote,
    SplitCard: panes.split,
}
# Headings above a card, in shares of the page's unit: the smallest usual one, and the smallest.
_SMALL: Final = 0.036
_LEAST: Final = 0.030
_LONG_ROOM: Final = 0.30
_COLUMN_ROOM: Final = 0.62


def layout(heading: str, card: Card, page: Page, picture: float | None = None) -> list[Box]:
    """Boxes from back to front. ``picture``: width by height of what a picture or footage card
    shows.
    """
    if isinstance(card, PictureCard | FootageCard) and picture is not None:
        boxes = _pictured(heading, card, page, picture)
    elif isinstance(card, TitleCard | PictureCard | FootageCard):
        subtitle = card.subtitle if isinstance(card, TitleCard) else card.caption
        boxes = _title(heading, subtitle, page)
    else:
        boxes, content = headed(heading, page.whole, page)
        boxes = boxes + _CONTENTS[type(card)](card, content, page)
    found = [box for box in boxes if box.text is None or box.text.lines]
    return _settled(found, page)


def headed(
    heading: str, whole: Area, page: Page, *, room: float = _LONG_ROOM
) -> tuple[list[Box], Area]:
    """The heading with its rule, and what is left below. ``room``: the share of the height that a
    long one may take.
    """
    if not heading.strip():
        return [], whole
    head = words(_heading(heading, whole, page, room), whole, page.strong, align=page.align)
    rule = rule_below(head, page)
    return [head, rule], whole.moved(y0=rule.y1 + page.px(0.045))


def _heading(heading: str, whole: Area, page: Page, room: float) -> Fitted:
    """In two or three lines at the usual sizes; a long one smaller, and in as many as there is
    room for.
    """
    lines = 2 if page.frame.wide else 3
    usual = page.size(_SMALL, page.heading)
    fitted = fit(heading, whole.width, whole.height * 0.26, usual, page.strong, most=lines)
    if not fitted.shortened:
        return fitted
    return fit(heading, whole.width, whole.height * room, page.size(_LEAST, _SMALL), page.strong)


def rule_below(head: Box, page: Page) -> Box:
    wide, thick = min(page.px(page.rule[0]), head.width), max(2.0, page.px(page.rule[1]))
    left = head.x0 if page.align == "left" else (head.x0 + head.x1 - wide) / 2
    if page.align == "left" and head.text is not None and is_rtl("".join(head.text.lines)):
        left = head.x1 - wide
    top = head.y1 + page.px(0.012)
    return shape("rule", Area(x0=left, x1=left + wide, y0=top, y1=top + thick), "accent")


def _title(heading: str, subtitle: str, page: Page) -> list[Box]:
    whole = page.whole
    if not heading.strip():
        heading, subtitle = subtitle, ""
    if not heading.strip():
        return []
    room = whole.height * (0.62 if subtitle else 0.85)
    sizes = page.size(0.045, page.heading * (1.6 if page.frame.wide else 1.45))
    fitted = fit(heading, whole.width, room, sizes, page.strong)
    head = words(fitted, whole, page.strong, align=page.align)
    rule = rule_below(replace(head, y1=head.y1 + page.px(0.02)), page)
    below = whole.moved(y0=rule.y1 + page.px(0.04))
    if not subtitle.strip():
        return [head, rule]
    sub = fit(subtitle, below.width, below.height, page.size(0.030, 0.062), page.plain)
    return [head, rule, words(sub, below, page.plain, align=page.align, tone="soft")]


def _pictured(heading: str, card: PictureCard | FootageCard, page: Page, ratio: float) -> list[Box]:
    """Above one another; side by side where the picture gets more room and the text enough."""
    narrow = ratio < 1.9 if page.frame.wide else ratio < 1 and not page.frame.tall
    if narrow and (heading.strip() or card.caption.strip()):
        boxes = _beside(heading, card.caption, page, ratio)
        if not any(box.text is not None and box.text.shortened for box in boxes):
            return boxes
    boxes, content = headed(heading, page.whole, page)
    return boxes + panes.picture(card.caption, content, page, ratio)


def _beside(heading: str, caption: str, page: Page, ratio: float) -> list[Box]:
    """The picture at the left, its words at the right."""
    whole = page.whole
    wide = min(whole.height * ratio, whole.width * 0.54)
    tall = wide / ratio
    left = Area(x0=whole.x0, x1=whole.x0 + wide, y0=whole.y0, y1=whole.y0 + tall)
    column = Area(x0=left.x1 + page.px(0.06), x1=whole.x1, y0=whole.y0, y1=whole.y1)
    boxes, content = headed(heading, column, replace(page, align="left"), room=_COLUMN_ROOM)
    if caption.strip():
        smallest, largest = page.size(0.028, 0.056)
        sizes = smallest, min([largest, *(box.text.size for box in boxes if box.text)])
        fitted = fit(caption, content.width, content.height, sizes, page.plain)
        boxes.append(words(fitted, content, page.plain, align="left", tone="soft"))
    used = max(box.y1 for box in boxes) - whole.y0
    sunk = max(0.0, (tall - used) / 2)
    return [shape("picture", left), *(box.lowered(sunk) for box in boxes)]


def _settled(boxes: list[Box], page: Page) -> list[Box]:
    """The whole group in the middle of its area, a little above where there is much room."""
    if not boxes:
        return boxes
    free = page.whole.y1 - max(box.y1 for box in boxes)
    if free <= 0:
        return boxes
    down = free * (0.42 if page.frame.tall else 0.48)
    return [box.lowered(down) for box in boxes]
