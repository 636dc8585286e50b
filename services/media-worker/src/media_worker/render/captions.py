"""Captions: sprites to burn in, SRT and VTT to hand out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from media_worker.render.boxes import Frame
from media_worker.render.fonts import LINE, Fitted, fit, font, text_width
from shared.messages.manifest import Cue

TOP, BOTTOM = 0.77, 0.955  # of the height: the captions' own strip
_WIDE = 0.88


@dataclass(frozen=True, slots=True, kw_only=True)
class Sprite:
    """Premultiplied planes and what they leave of the frame, at an even place in it."""

    x: int
    y: int
    planes: tuple[tuple[np.ndarray, np.ndarray], ...]


def caption_fit(text: str, frame: Frame) -> Fitted:
    """A caption's lines and size inside its strip."""
    height = frame.height * (BOTTOM - TOP)
    return fit(text, frame.width * _WIDE, height, frame.size(0.034, 0.058), "Bold")


def caption_image(text: str, frame: Frame) -> tuple[Image.Image, int, int]:
    """White on a dark outline, so that it reads on anything; with its even place in the frame."""
    fitted = caption_fit(text.rstrip("，。、；：,.;:") or text, frame)
    face = font(fitted.size, "Bold")
    stroke = max(2, round(fitted.size * 0.085))
    widest = max((text_width(line, fitted.size, "Bold") for line in fitted.lines), default=0)
    width = min(frame.width, round(widest) + 4 * stroke) // 2 * 2
    height = (round(fitted.height) + 2 * stroke) // 2 * 2
    image = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(image)
    for index, line in enumerate(fitted.lines):
        at = (width / 2, stroke + fitted.size * LINE * (index + 0.5))
        draw.text(
            at,
            line,
            font=face,
            fill="white",
            anchor="mm",
            stroke_width=stroke,
            stroke_fill=(8, 12, 28),
        )
    y = round(frame.height * BOTTOM) - height
    return image, (frame.width - width) // 2 // 2 * 2, y // 2 * 2


def srt(cues: Sequence[Cue]) -> str:
    """SubRip: numbered blocks, commas before the milliseconds."""
    blocks = [
        f"{number}\n{_clock(cue.start_ms, ',')} --> {_clock(cue.end_ms, ',')}\n{cue.text}\n"
        for number, cue in enumerate(cues, 1)
    ]
    return "\n".join(blocks)


def vtt(cues: Sequence[Cue]) -> str:
    """WebVTT, its three special characters escaped."""
    blocks = [
        f"{_clock(cue.start_ms, '.')} --> {_clock(cue.end_ms, '.')}\n{_escaped(cue.text)}\n"
        for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(ms: int, point: str) -> str:
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{ms:03}"
