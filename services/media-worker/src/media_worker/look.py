"""``python -m media_worker.look [FOLDER]``: contact sheets of every theme, and of texts that are
hard to set.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw

from media_worker.render.boxes import Frame
from media_worker.render.captions import timed
from media_worker.render.cards import still
from media_worker.render.encode import video_frame
from media_worker.render.fonts import PLAIN, draw_text
from media_worker.render.footage import FullFootage, footage_scene
from media_worker.render.frames import Scene, enlarged
from media_worker.render.gallery import CASES, HARD, Case, Poster, photo
from media_worker.render.planes import Planes
from media_worker.render.port import FPS, SIZES, ClipJob
from media_worker.render.sprites import Captions
from media_worker.render.styles import style_of
from shared.looks import THEMES
from shared.messages.base import Aspect
from shared.messages.manifest import Cue
from shared.messages.script import FootageCard, PictureCard

_GAP: Final = 14
_LIGHT: Final = 380_000
_GROUND: Final = (58, 62, 72)


def pictured(case: Case, theme: str, aspect: Aspect, scale: float) -> Image.Image:
    """One case as in the video, its caption with the third word lit, made small."""
    cue = Cue(start_ms=0, end_ms=1_000, text=case.caption)
    starts = timed(cue).starts
    third = -(-starts[min(2, len(starts) - 1)] * FPS // 1_000)
    shown = scene(case, theme, aspect, cues=(cue,))
    return _small(shown.planes(third), aspect, scale)


def scene(  # noqa: PLR0913  (a case, its look, its time)
    case: Case,
    theme: str,
    aspect: Aspect,
    *,
    cues: tuple[Cue, ...] = (),
    total: int = 2 * FPS,
    scale: float = 1.0,
) -> Scene | FullFootage:
    """The case's scene of ``total`` frames, in a frame of a share of the usual size."""
    frame = _frame(aspect, scale)
    large = enlarged(frame)
    style = style_of(theme, case.heading, case.card)
    captions = Captions(cues, frame, style, voice_from=0, highlight=True)
    shown = photo(case.ratio) if case.ratio else None
    if isinstance(case.card, FootageCard) and shown:
        job = ClipJob(
            heading=case.heading, card=case.card, cues=cues, voice_ms=0, aspect=aspect, theme=theme
        )
        drawn_in = (frame, large)
        return footage_scene(job, case.card, Poster(shown), drawn_in=drawn_in, captions=captions)
    drawn = still(case.heading, case.card, large, style, shown)
    return Scene(drawn, captions, frame, total=total)


def motion(theme: str, scale: float) -> Image.Image:
    """First, middle and last frame of a picture card, in all three aspects."""
    case, total = next(c for c in CASES if isinstance(c.card, PictureCard)), 8 * FPS
    numbers = (0, total // 2, total - 1)
    drawn = {
        aspect: [_small(shown.planes(number), aspect, scale) for number in numbers]
        for aspect in ("16:9", "1:1", "9:16")
        if (shown := scene(case, theme, aspect, total=total))
    }
    rows = [drawn["16:9"], [*drawn["1:1"], *drawn["9:16"]]]
    wide = max(sum(picture.width + _GAP for picture in row) for row in rows)
    tall = sum(max(picture.height for picture in row) + _GAP for row in rows)
    whole = Image.new("RGB", (wide + _GAP, tall + _GAP), _GROUND)
    y = _GAP
    for row in rows:
        x = _GAP
        for picture in row:
            whole.paste(picture, (x, y))
            x += picture.width + _GAP
        y += max(picture.height for picture in row) + _GAP
    return whole


def _small(planes: Planes, aspect: Aspect, scale: float) -> Image.Image:
    whole: Any = video_frame(planes, _frame(aspect))
    return whole.to_image().resize(_size(aspect, scale), Image.Resampling.LANCZOS)


def _frame(aspect: Aspect, scale: float = 1.0) -> Frame:
    width, height = _size(aspect, scale)
    return Frame(width=width, height=height)


def sheet(cases: Sequence[Case], theme: str, scale: float, *, across: int) -> Image.Image:
    """Every case in all three aspects, ``across`` cases a row."""
    wide, square, tall = (_size(aspect, scale) for aspect in ("16:9", "1:1", "9:16"))
    cell = wide[0] + tall[0] + 3 * _GAP, max(wide[1] + square[1] + _GAP, tall[1]) + 2 * _GAP
    rows = -(-len(cases) // across)
    whole = Image.new("RGB", (cell[0] * across + _GAP, cell[1] * rows + _GAP), _GROUND)
    for number, case in enumerate(cases):
        x = _GAP + number % across * cell[0]
        y = _GAP + number // across * cell[1]
        whole.paste(pictured(case, theme, "16:9", scale), (x, y))
        whole.paste(pictured(case, theme, "1:1", scale), (x, y + wide[1] + _GAP))
        whole.paste(pictured(case, theme, "9:16", scale), (x + wide[0] + _GAP, y))
    return whole


def _size(aspect: Aspect, scale: float) -> tuple[int, int]:
    width, height = SIZES[aspect]
    return round(width * scale / 2) * 2, round(height * scale / 2) * 2


def saved(picture: Image.Image, path: Path) -> None:
    """As good a JPEG as is light enough for a page of documentation."""
    for quality in range(86, 30, -6):
        picture.save(path, quality=quality, optimize=True)
        if path.stat().st_size < _LIGHT:
            return


def overview(scale: float = 0.34) -> Image.Image:
    """A few cards of every theme, with its name: the picture for a first look."""
    width, height = _size("16:9", scale)
    chosen = [CASES[0], CASES[1], CASES[4], CASES[8]]
    label = 26
    size = (_GAP + (width + _GAP) * len(chosen), (height + label + _GAP) * len(THEMES) + _GAP)
    whole = Image.new("RGB", size, _GROUND)
    draw = ImageDraw.Draw(whole)
    for row, theme in enumerate(THEMES):
        top = _GAP + row * (height + label + _GAP)
        name = f"{theme.id} · {theme.name['zh-CN']} · {theme.name['en']}"
        draw_text(draw, (_GAP, top + label / 2 - 3), name, 15, PLAIN, fill=(255, 255, 255))
        for column, case in enumerate(chosen):
            x = _GAP + column * (width + _GAP)
            whole.paste(pictured(case, theme.id, "16:9", scale), (x, top + label))
    return whole


def main() -> None:
    parser = argparse.ArgumentParser(description="Contact sheets of all themes")
    parser.add_argument("folder", nargs="?", default="output/look", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    sheets = {"look": overview()}
    for theme in THEMES:
        sheets[f"look-{theme.id}"] = sheet(CASES, theme.id, 0.34, across=3)
    sheets["look-motion"] = motion("paper", 0.34)
    sheets["look-edges"] = sheet(HARD, "auto", 0.32, across=3)
    for name, picture in sheets.items():
        saved(picture, folder / f"{name}.jpg")
        print(folder / f"{name}.jpg")  # noqa: T201  (the command's answer)


if __name__ == "__main__":
    main()
