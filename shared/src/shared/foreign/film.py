"""Footage made anew: bounded, silent, at a steady rate. For ``shared.foreign.decoder`` alone."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import av.error

from shared.foreign.errors import RefusedFileError

RATE: Final = 30
LONGEST_S: Final = 30
LONGEST_SIDE: Final = 1_280
SHORTEST_SIDE: Final = 16
MOST_PIXELS: Final = 4_096 * 2_304
_MOST_BROKEN: Final = 0.02
_OPTIONS: Final = {"preset": "veryfast", "crf": "18", "x264-params": "threads=1"}
_BT709: Final = 1


def footage(source: Path, form: str, out: Path) -> dict[str, Any]:
    """The first 30 seconds of the first picture track; nothing but the file itself is opened."""
    opened: Any = av.open
    path = out.with_suffix(".mp4")
    known = "mov,mp4,m4a,3gp,3g2,mj2" if form == "mp4" else "matroska,webm"
    options = {"protocol_whitelist": "file", "format_whitelist": known}
    with opened(str(source), format=form, options=options) as film:
        if not film.streams.video:
            raise RefusedFileError("upload_unreadable", "there is no picture in it")
        width, height = _size(film.streams.video[0])
        promised = min(LONGEST_S, (film.duration or 0) / av.time_base)
        with opened(str(path), "w", format="mp4") as made:
            count = _encoded(film, made, width, height)
    if not count or count / RATE < 0.9 * promised - 0.5:
        raise RefusedFileError("upload_unreadable", "its end is missing")
    size = {"width": width, "height": height}
    return {"file": path.name, "media_type": "video/mp4", "seconds": round(count / RATE, 3), **size}


def _size(stream: Any) -> tuple[int, int]:
    width, height = stream.width, stream.height
    if min(width, height) < SHORTEST_SIDE or width * height > MOST_PIXELS:
        raise RefusedFileError("upload_too_large", f"{width} x {height}")
    scale = min(1.0, LONGEST_SIDE / max(width, height))
    return _even(width * scale), _even(height * scale)


def _encoded(film: Any, made: Any, width: int, height: int) -> int:
    """How many frames there are now."""
    stream: Any = made.add_stream("libx264", rate=RATE, options=_OPTIONS)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    context = stream.codec_context
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _BT709  # 1 is "limited" there
    count = 0
    for picture in _steady(_pictures(film)):
        frame = picture.reformat(
            width=width, height=height, format="yuv420p", dst_colorspace="ITU709"
        )
        frame.pts, frame.time_base, frame.pict_type = count, Fraction(1, RATE), 0
        made.mux(stream.encode(frame))
        count += 1
    made.mux(stream.encode(None))
    return count


def _steady(pictures: Iterator[tuple[float, Any]]) -> Iterator[Any]:
    """One picture for each thirtieth of a second: the last one that was due by then."""
    tick, shown = 0, None
    for at, picture in pictures:
        while shown is not None and tick / RATE < at - 1e-6:
            if tick >= LONGEST_S * RATE:
                return
            yield shown
            tick += 1
        shown = picture
    if shown is not None:
        yield shown


def _pictures(film: Any) -> Iterator[tuple[float, Any]]:
    """Each picture with its time from the first one on."""
    track = film.streams.video[0]
    track.thread_count = 1
    usual = float(1 / track.average_rate) if track.average_rate else 1 / RATE
    packets = broken = 0
    first: float | None = None
    at = -usual
    for packet in film.demux(track):
        packets += 1
        try:
            pictures = packet.decode()
        except av.error.InvalidDataError:
            broken += 1
            continue
        for picture in pictures:
            time = at + usual if picture.time is None else float(picture.time)
            first = time if first is None else first
            at = max(at, time - first)
            yield at, picture
    if broken > 2 + _MOST_BROKEN * packets:
        raise RefusedFileError("upload_unreadable", "too much of it is broken")


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)
