"""What a provider sent, made anew as uploads are: its bytes are a stranger's."""

import asyncio
from pathlib import Path
from typing import Final

from media_worker.visuals.port import Made
from shared.artifacts.calls import CallFailedError, Charge
from shared.errors import StageError
from shared.foreign.decoding import decoded
from shared.foreign.errors import DecodingLostError, RefusedFileError
from shared.foreign.sniffing import sniffed, video_format

_AT_ONCE: Final = 2


class Anew:
    """Two files at once: the others wait, however many providers answer together."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def picture(self, source: Path, folder: Path, cost: dict[str, float]) -> Made:
        """A bounded JPEG or PNG; raises CallFailedError ``visual_unreadable``: it was charged.
        Where the bytes are not to blame, a retryable StageError, or OSError.
        """
        try:
            form = await asyncio.to_thread(_format, source)
            async with self._turns:
                made = await decoded("picture", form, source, folder / "made")
        except RefusedFileError as refused:
            raise _failure(refused, cost) from refused
        return Made(file=made.file, media_type=made.media_type, cost=cost)

    async def footage(self, source: Path, folder: Path, cost: dict[str, float]) -> Made:
        """A bounded MP4 without sound, at the renderer's rate; raises as ``picture``."""
        try:
            form = video_format(_head(source))
            async with self._turns:
                made = await decoded("footage", form, source, folder / "made")
        except RefusedFileError as refused:
            raise _failure(refused, cost) from refused
        length = round(1000 * (made.seconds or 0))
        return Made(file=made.file, media_type=made.media_type, cost=cost, duration_ms=length)


def _head(source: Path) -> bytes:
    with source.open("rb") as opened:
        return opened.read(16)


def _format(source: Path) -> str:
    found = sniffed(source)
    if found.kind != "picture":
        raise RefusedFileError("upload_refused", "no picture")
    return found.format


def _failure(refused: RefusedFileError, cost: dict[str, float]) -> StageError:
    if isinstance(refused, DecodingLostError):
        return StageError("visual_failed", refused.detail, retryable=True)
    return unreadable(f"{refused.code}: {refused.detail}", cost)


def unreadable(detail: str, cost: dict[str, float]) -> CallFailedError:
    """What was paid for, and can't be used."""
    return CallFailedError("visual_unreadable", detail, charge=Charge.YES, cost=cost)
