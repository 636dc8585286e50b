"""H.264 whose pieces of different encodes join without another encode: all share the settings that
stand in a stream's head (SPS, PPS).
"""

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.video.frame import PictureType

from media_worker.render import memory
from media_worker.render.boxes import Frame
from media_worker.render.planes import Planes
from media_worker.render.port import FPS

TICKS: Final = 512  # of the track's time base, a frame
TIME_BASE: Final = FPS * TICKS
_BT709: Final = 1
# x264 reads memory that it has not written, so that the same frames became other bytes in a process
# that had worked before. All that it needs it has after the first frames (it looks 15 ahead).
_OPENING: Final = 60
# B-frames at fixed places: of a slow zoom fewer bytes at the same PSNR, for a tenth less CPU, than
# where x264 would put them; of restless pictures about the same.
PARAMS: Final = (
    "keyint=600:scenecut=0:open-gop=0:bframes=3:b-adapt=0:b-pyramid=none:rc-lookahead=15:threads=1"
)
# For fades, in which every block changes and a long search for motion finds little: a quarter less
# CPU for 6 % more bytes of a slow zoom's, 14 % of restless pictures' (and up to 0.4 dB).
_BRIEF_SEARCH: Final = ":subme=1:me=dia"


def encoded(
    path: Path,
    frames: Iterable[Planes],
    frame: Frame,
    *,
    keyframes: frozenset[int],
    fading: bool = False,
) -> None:
    """Writes an MP4 whose closed groups of pictures begin at ``keyframes`` (0 always is one).
    ``fading``: motion is not worth a long search.
    """
    options = {
        "preset": "veryfast",
        "crf": "23",
        "x264-params": PARAMS + (_BRIEF_SEARCH if fading else ""),
        "forced-idr": "1",
    }
    container: Any = av.open(str(path), "w", options={"video_track_timescale": str(TIME_BASE)})
    with container:
        stream: Any = container.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
        stream.thread_count = 1
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _BT709  # 1 is "limited" there
        for number, planes in enumerate(frames):
            picture = video_frame(planes, frame)
            picture.pts = number
            if number in keyframes:
                picture.pict_type = PictureType.I
            with memory.filled() if number < _OPENING else nullcontext():
                packets = stream.encode(picture)
            container.mux(packets)
        with memory.filled():  # of few frames all are still to come
            packets = stream.encode()
        container.mux(packets)


def video_frame(planes: Planes, frame: Frame) -> av.VideoFrame:
    """A frame that owns copies of the planes."""
    picture = av.VideoFrame(frame.width, frame.height, "yuv420p")
    for target, plane in zip(picture.planes, planes, strict=True):
        rows = np.frombuffer(target, np.uint8).reshape(-1, target.line_size)  # type: ignore[call-overload]
        rows[: plane.shape[0], : plane.shape[1]] = plane
    return picture


def decoded(path: Path, first: int, count: int) -> list[Planes]:
    """The frames [first, first + count) of a clip; ``first`` must be one of its keyframes."""
    found: list[Planes] = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1  # more would decode far ahead
        container.seek(first * TICKS, stream=stream, backward=True)
        for picture in container.decode(stream):
            number = (picture.pts or 0) // TICKS
            if number >= first and len(found) < count:
                height, width = picture.height, picture.width
                stacked = picture.to_ndarray(format="yuv420p")
                luma = stacked[:height]
                chroma = stacked[height:].reshape(2, height // 2, width // 2)
                found.append((luma, chroma[0], chroma[1]))
            if len(found) == count:
                break
    return found
