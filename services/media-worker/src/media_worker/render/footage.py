"""A footage card's scene: over the whole frame, or in the panel of a card."""

import cv2
import numpy as np
from PIL import Image

from media_worker.render.boxes import Box, Frame, even
from media_worker.render.captions import Caption
from media_worker.render.cards import still
from media_worker.render.frames import Scene, quartered
from media_worker.render.layout import layout
from media_worker.render.masks import rounded
from media_worker.render.planes import Planes
from media_worker.render.port import HANDLE, ClipJob, body_frames
from media_worker.render.reel import Film
from media_worker.render.sprites import Captions, Sprite, sprite
from media_worker.render.styles import Style, style_of
from shared.messages.script import FootageCard

_EDGE = 2  # pixels of a panel's line that stay


class FullFootage:
    """Nothing but the footage, cut to the frame, with ``label`` and the captions over it."""

    def __init__(
        self, reel: Film, captions: Captions, frame: Frame, *, label: Sprite | None
    ) -> None:
        self._reel = reel
        self._captions = captions
        self._frame = frame
        self._label = label

    def planes(self, number: int) -> Planes:
        shown = _covering(self._reel.at(number), self._frame.width, self._frame.height)
        for over in (self._label, self._captions.at(number)):
            if over is not None:
                shown = over.laid(shown)
        return shown


class PanelFootage(Scene):
    """A card as any other, under its slow zoom, whose picture moves within its panel."""

    def __init__(  # noqa: PLR0913  (a scene, and what moves in it)
        self,
        still: Image.Image,
        captions: Captions,
        frame: Frame,
        *,
        total: int,
        reel: Film,
        box: Box,
        radius: float,
    ) -> None:
        super().__init__(still, captions, frame, total=total)
        self._reel = reel
        self._holds = (1, 1, 1)
        x0, y0 = (even(edge) + _EDGE for edge in (box.x0, box.y0))
        x1, y1 = (even(edge) - _EDGE for edge in (box.x1, box.y1))
        self._place = (x0, y0, x1, y1)
        own = Box(role="picture", x0=x0, y0=y0, x1=x1, y1=y1)
        mask = rounded(own, max(0.0, radius - _EDGE))
        whole = np.zeros(self._planes[0].shape, np.uint8)
        alpha = np.asarray(mask.alpha)
        tall, wide = alpha.shape
        whole[mask.y : mask.y + tall, mask.x : mask.x + wide] = alpha
        self._mask = whole[y0:y1, x0:x1]

    def _base(self, number: int) -> Planes:
        x0, y0, x1, y1 = self._place
        moving = _covering(self._reel.at(number), x1 - x0, y1 - y0)
        made: list[np.ndarray] = []
        for plane, over, scale in zip(self._planes, moving, (1, 2, 2), strict=True):
            laid = plane.copy()
            under = laid[y0 // scale : y1 // scale, x0 // scale : x1 // scale]
            size = (under.shape[1], under.shape[0])
            share = cv2.resize(self._mask, size, interpolation=cv2.INTER_AREA).astype(np.uint16)
            under[:] = (over * share + under * (255 - share)) // 255
            made.append(laid)
        return quartered((made[0], made[1], made[2]))


def footage_scene(
    job: ClipJob,
    card: FootageCard,
    reel: Film,
    *,
    drawn_in: tuple[Frame, Frame],
    captions: Captions,
) -> Scene | FullFootage:
    """``drawn_in``: the frame, and the larger one that a zoom is cut from."""
    frame, large = drawn_in
    style = style_of(job.theme, job.heading, card)
    if card.frame == "full":
        return FullFootage(reel, captions, frame, label=_label(card.caption, frame, style))
    first = reel.still()
    boxes = layout(job.heading, card, style.page(large), first.width / first.height)
    [box] = [box for box in boxes if box.role == "picture"]
    image = still(job.heading, card, large, style, first)
    radius = large.unit * style.panel.radius
    total = HANDLE + body_frames(job.voice_ms) + HANDLE
    return PanelFootage(image, captions, frame, total=total, reel=reel, box=box, radius=radius)


def _label(text: str, frame: Frame, style: Style) -> Sprite | None:
    """A card's caption over footage that fills the frame: at its top."""
    if not text.strip():
        return None
    caption = Caption(text=text, frame=frame, style=style)
    top = style.page(frame).whole.y0
    return sprite(caption.image(), caption.x, even(top))


def _covering(planes: Planes, width: int, height: int) -> Planes:
    """The middle of the picture, as large as fills ``width`` × ``height`` (both even)."""
    scale = max(width / planes[0].shape[1], height / planes[0].shape[0])
    luma, blueness, redness = (
        _middle(plane, scale, width // share, height // share)
        for plane, share in zip(planes, (1, 2, 2), strict=True)
    )
    return luma, blueness, redness


def _middle(plane: np.ndarray, scale: float, width: int, height: int) -> np.ndarray:
    tall, wide = plane.shape
    across, down = min(wide, round(width / scale)), min(tall, round(height / scale))
    left, top = (wide - across) // 2, (tall - down) // 2
    piece = plane[top : top + max(1, down), left : left + max(1, across)]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(piece, (width, height), interpolation=how)
