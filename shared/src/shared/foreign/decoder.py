"""``python -m shared.foreign.decoder KIND FORMAT FILE OUT``: one file made anew, in a process that
may use little and is lost without harm.

Writes OUT and one JSON line: what was made, or why not.
"""

import json
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from shared.foreign.errors import RefusedFileError
from shared.runtime.parent import die_with_parent

MOST_PIXELS: Final = 50_000_000
LONGEST_SIDE: Final = 2_560
LONGEST_S: Final = 15 * 60
RATE: Final = 44_100
_CPU_S: Final = {"picture": 20, "music": 90, "footage": 100}
_MEMORY: Final = 1_536 << 20
_WRITTEN: Final = 64 << 20
_KNOWS_ITS_LENGTH: Final = frozenset({"mp4", "flac"})
_MOST_BROKEN: Final = 0.02


def confine(kind: str) -> None:
    """From here on the process has little time, memory and room on disk, and dumps no core."""
    # A second before the limit's SIGKILL, which so means that somebody else has ended us.
    signal.setitimer(signal.ITIMER_PROF, _CPU_S[kind] - 1)
    limits = {
        resource.RLIMIT_CPU: _CPU_S[kind],
        resource.RLIMIT_AS: _MEMORY,
        resource.RLIMIT_FSIZE: _WRITTEN,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in limits.items():
        resource.setrlimit(which, (most, most))


def picture(source: Path, form: str, out: Path) -> dict[str, Any]:
    """The first frame, upright, bounded, without anything but its pixels."""
    from PIL import Image, ImageOps  # noqa: PLC0415  (only this kind needs it)

    Image.MAX_IMAGE_PIXELS = None  # the next lines hold it to our own bound
    with Image.open(source, formats=[form]) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS:
            raise RefusedFileError("upload_too_large", f"{width} x {height} pixels")
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        opened.load()
        upright = ImageOps.exif_transpose(opened)
        if upright.mode.startswith("I"):  # 16 bits a pixel
            upright = upright.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        shown = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    if shown.mode == "RGBA" and shown.getchannel("A").getextrema() == (255, 255):
        shown = shown.convert("RGB")
    shown.info.clear()
    png = shown.mode == "RGBA"
    path = out.with_suffix(".png" if png else ".jpg")
    shown.save(path, "PNG" if png else "JPEG", quality=90)
    media_type = "image/png" if png else "image/jpeg"
    size = {"width": shown.width, "height": shown.height}
    return {"file": path.name, "media_type": media_type, **size}


def music(source: Path, form: str, out: Path) -> dict[str, Any]:
    """The first sound track as AAC; nothing but the file itself is opened."""
    import av  # noqa: PLC0415  (only this kind needs it)

    opened: Any = av.open
    path = out.with_suffix(".m4a")
    options = {"protocol_whitelist": "file", "format_whitelist": _demuxers(form)}
    with opened(str(source), format=form, options=options) as track:
        if not track.streams.audio:
            raise RefusedFileError("upload_unreadable", "there is no sound in it")
        promised = (track.duration or 0) / av.time_base if form in _KNOWS_ITS_LENGTH else 0
        _check_length(promised)
        with opened(str(path), "w", format="ipod") as made:
            seconds = _encoded(track, made)
    if seconds <= 0 or seconds < 0.98 * promised - 0.5 or (form == "wav" and _is_cut(source)):
        raise RefusedFileError("upload_unreadable", "its end is missing")
    return {"file": path.name, "media_type": "audio/mp4", "seconds": round(seconds, 2)}


def _encoded(track: Any, made: Any) -> float:
    """Seconds of sound that were there."""
    import av  # noqa: PLC0415
    import av.error  # noqa: PLC0415

    stream: Any = made.add_stream("aac", rate=RATE, layout="stereo", bit_rate=160_000)
    resampler: Any = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
    samples = packets = broken = 0
    for packet in track.demux(track.streams.audio[0]):
        packets += 1
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            broken += 1
            continue
        for frame in (piece for one in frames for piece in resampler.resample(one)):
            frame.pts = samples
            samples += frame.samples
            made.mux(stream.encode(frame))
        _check_length(samples / RATE)
    if broken > 2 + _MOST_BROKEN * packets:
        raise RefusedFileError("upload_unreadable", "too much of it is broken")
    for frame in resampler.resample(None):
        frame.pts = samples
        samples += frame.samples
        made.mux(stream.encode(frame))
    made.mux(stream.encode(None))
    return samples / RATE


def _demuxers(form: str) -> str:
    return "mov,mp4,m4a,3gp,3g2,mj2" if form == "mp4" else form


def _check_length(seconds: float) -> None:
    if seconds > LONGEST_S:
        raise RefusedFileError("upload_too_large", f"longer than {LONGEST_S // 60} minutes")


def _is_cut(wav: Path) -> bool:
    """Whether the header of a WAV file promises more bytes than there are; a stream's promises
    none.
    """
    with wav.open("rb") as opened:
        said = int.from_bytes(opened.read(8)[4:], "little")
    return said not in {0, 0xFFFFFFFF} and said + 8 > wav.stat().st_size + 1


def _make(kind: str) -> Callable[[Path, str, Path], dict[str, Any]]:
    if kind == "footage":
        from shared.foreign.film import footage  # noqa: PLC0415  (only this kind needs it)

        return footage
    return picture if kind == "picture" else music


def main(kind: str, form: str, source: str, out: str) -> None:
    die_with_parent()
    confine(kind)
    try:
        said = _make(kind)(Path(source), form, Path(out))
    except RefusedFileError as refused:
        said = {"code": refused.code, "detail": str(refused)}
    except MemoryError:
        said = {"code": "upload_unreadable", "detail": "it needs too much memory"}
    except Exception as error:  # noqa: BLE001  (whatever a decoder says of a stranger's bytes)
        number = getattr(error, "errno", None)
        said = {"code": "upload_unreadable", "detail": type(error).__name__, "errno": number}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
