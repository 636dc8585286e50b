"""Clips → one picture track: bodies copied packet by packet, only the joins encoded."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import av
import cv2

from media_worker.render.boxes import Frame
from media_worker.render.encode import TICKS, TIME_BASE, decoded, encoded
from media_worker.render.planes import Planes
from media_worker.render.port import HANDLE, Part

_DELAY: Final = 1  # frames by which decoding runs ahead of showing (B-frames, no pyramid)


def blended(before: Sequence[Planes], after: Sequence[Planes]) -> Iterator[Planes]:
    """A crossfade over equally many frames of two clips."""
    count = len(before)
    for number, (one, two) in enumerate(zip(before, after, strict=True)):
        share = (number + 1) / (count + 1)
        yield tuple(  # type: ignore[misc]
            cv2.addWeighted(a, 1 - share, b, share, 0) for a, b in zip(one, two, strict=True)
        )


def joins(
    parts: Sequence[Part], frame: Frame, folder: Path, told: Callable[[int], None]
) -> list[Path]:
    """One short file between each two neighbours."""
    made: list[Path] = []
    for number, (one, two) in enumerate(itertools.pairwise(parts)):
        path = folder / f"join{number}.mp4"
        tail = decoded(one.clip_path, one.frames.head + one.frames.body, HANDLE)
        head = decoded(two.clip_path, 0, HANDLE)
        faded = blended(tail, head)
        encoded(path, faded, frame, keyframes=frozenset({0}), fading=True)
        made.append(path)
        told(number + 1)
    return made


def pieces(parts: Sequence[Part], between: Sequence[Path]) -> list[tuple[Path, int, int]]:
    """(file, first frame, frames) in the video's order."""
    found: list[tuple[Path, int, int]] = []
    for number, part in enumerate(parts):
        head, body, tail = part.frames.head, part.frames.body, part.frames.tail
        if number == 0:
            found.append((part.clip_path, 0, head))
        found.append((part.clip_path, head, body))
        if number < len(between):
            found.append((between[number], 0, HANDLE))
        else:
            found.append((part.clip_path, head + body, tail))
    return found


def packets(path: Path, first: int, count: int) -> Iterator[tuple[bytes, int, bool]]:
    """(bytes, frame within the piece, keyframe) in decoding order."""
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams.video[0]):
            if packet.pts is None:
                continue
            number = packet.pts // TICKS - first
            if 0 <= number < count:
                yield bytes(packet), number, packet.is_keyframe


def muxed(
    target: Path,
    parts: Sequence[tuple[Path, int, int]],
    sound: Path,
    template: Path,
    *,
    title: str,
) -> None:
    """One MP4 of the pieces' packets and the sound's, index first; nothing is encoded here."""
    opened: Any = av.open
    with (
        opened(str(template)) as like,
        opened(str(sound)) as voice,
        opened(
            str(target),
            "w",
            options={"movflags": "+faststart", "video_track_timescale": str(TIME_BASE)},
        ) as out,
    ):
        out.metadata["title"] = title
        picture: Any = out.add_stream_from_template(like.streams.video[0])
        audio: Any = out.add_stream_from_template(voice.streams.audio[0])
        heard = _audio(voice, audio)
        pending = next(heard, None)
        at = 0
        for path, first, count in parts:
            for order, (body, number, key) in enumerate(packets(path, first, count)):
                packet: Any = av.Packet(body)
                packet.stream = picture
                packet.time_base = picture.time_base or like.streams.video[0].time_base
                packet.pts = (at + number) * TICKS
                packet.dts = (at + order - _DELAY) * TICKS
                packet.duration = TICKS
                packet.is_keyframe = key
                while pending is not None and pending[0] <= (at + order) / (TIME_BASE / TICKS):
                    out.mux(pending[1])
                    pending = next(heard, None)
                out.mux(packet)
            at += count
        while pending is not None:
            out.mux(pending[1])
            pending = next(heard, None)


def _audio(container: Any, target: Any) -> Iterator[tuple[float, Any]]:
    stream = container.streams.audio[0]
    for packet in container.demux(stream):
        if packet.dts is not None:
            when = float(packet.dts * packet.time_base)
            packet.stream = target
            yield when, packet
