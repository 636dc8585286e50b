"""The frames of footage, one a frame of the scene."""

from collections.abc import Generator
from pathlib import Path
from typing import Any, Protocol

import av
from av.error import FFmpegError
from PIL import Image

from media_worker.render.boxes import Frame
from media_worker.render.encode import video_frame
from media_worker.render.planes import Planes
from shared.errors import StageError


class Film(Protocol):
    """One picture for each frame of a scene."""

    def at(self, number: int, /) -> Planes: ...

    def still(self) -> Image.Image: ...


class Reel:
    """A stored file's frames, one a frame of the scene (its rate is the renderer's): from the
    beginning again at its end, or its last frame for ever. Read forwards it holds one at a time.
    """

    def __init__(self, path: Path, *, hold: bool) -> None:
        self._path = path
        self._hold = hold
        self._frames = self._endless()
        self._at = -1
        self._shown: Planes | None = None

    def at(self, number: int) -> Planes:
        """Raises StageError ``footage_unreadable``, not retryable."""
        if number < self._at:
            self._frames, self._at = self._endless(), -1
        while self._at < number or self._shown is None:
            self._shown = next(self._frames)
            self._at += 1
        return self._shown

    def still(self) -> Image.Image:
        planes = self.at(0)
        height, width = planes[0].shape
        made: Any = video_frame(planes, Frame(width=width, height=height))
        return made.to_image()

    def _endless(self) -> Generator[Planes]:
        last: Planes | None = None
        while True:
            empty = True
            for planes in self._once():
                last, empty = planes, False
                yield planes
            if empty or last is None:
                raise _unreadable("no frame in it")
            while self._hold:
                yield last

    def _once(self) -> Generator[Planes]:
        try:
            with av.open(str(self._path)) as container:
                stream = container.streams.video[0]
                stream.thread_count = 1
                for picture in container.decode(stream):
                    yield _planes(picture)
        except (FFmpegError, IndexError, OSError, ValueError) as error:
            raise _unreadable(f"{type(error).__name__}: {error}") from error


def _planes(picture: Any) -> Planes:
    height, width = picture.height // 2 * 2, picture.width // 2 * 2
    stacked = picture.to_ndarray(format="yuv420p")
    luma = stacked[:height, :width]
    chroma = stacked[height:].reshape(2, height // 2, width // 2)
    return luma, chroma[0], chroma[1]


def _unreadable(detail: str) -> StageError:
    return StageError("footage_unreadable", detail, retryable=False)
