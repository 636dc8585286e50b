"""``python -m media_worker.look [FOLDER]``: contact sheets of every theme, and of texts that are
hard to set.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from media_worker.render.boxes import Frame
from media_worker.render.captions import Caption, timed
from media_worker.render.cards import still
from media_worker.render.fonts import PLAIN, draw_text
from media_worker.render.gallery import CASES, HARD, Case, photo
from media_worker.render.port import SIZES
from media_worker.render.styles import style_of
from shared.looks import THEMES
from shared.messages.base import Aspect
from shared.messages.manifest import Cue
from shared.messages.script import PictureCard

_GAP: Final = 14
_LIGHT: Final = 380_000
_GROUND: Final = (58, 62, 72)


def pictured(case: Case, theme: str, aspect: Aspect, scale: float) -> Image.Image:
    """One case as in the video, its caption with the third word lit, made small."""
    width, height = SIZES[aspect]
    frame = Frame(width=width, height=height)
    style = style_of(theme, case.heading, case.card)
    shown = photo(case.ratio) if isinstance(case.card, PictureCard) and case.ratio else None
    drawn = still(case.heading, case.card, frame, style, shown)
    caption = Caption(text=case.caption, frame=frame, style=style)
    words = timed(Cue(start_ms=0, end_ms=1_000, text=case.caption))
    plain = caption.image()
    lit, _ = caption.lit(plain, words.spans[min(2, len(words.spans) - 1)])
    drawn.paste(lit, (caption.x, caption.y), lit)
    return drawn.resize(_size(aspect, scale), Image.Resampling.LANCZOS)


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
    sheets["look-edges"] = sheet(HARD, "auto", 0.32, across=3)
    for name, picture in sheets.items():
        saved(picture, folder / f"{name}.jpg")
        print(folder / f"{name}.jpg")  # noqa: T201  (the command's answer)


if __name__ == "__main__":
    main()
