"""Uploads received and made anew: the body goes to a file, a process of its own decodes it."""

import asyncio
from pathlib import Path
from typing import Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from api.errors import RefusedError
from shared.foreign.decoder import LONGEST_S, MOST_PIXELS
from shared.foreign.decoding import Decoded, decoded
from shared.foreign.errors import RefusedFileError
from shared.foreign.sniffing import sniffed

_AT_ONCE: Final = 2
_TOO_LARGE: Final = "upload_too_large"


class Intake:
    """Takes uploads of at most ``most_bytes``, and decodes two at once."""

    def __init__(self, *, most_bytes: int) -> None:
        self._most = most_bytes
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def taken(self, request: Request, folder: Path) -> Decoded:
        """The request's body as a fresh file in ``folder``; raises RefusedError ``upload_…``."""
        said = request.headers.get("content-type", "").lower()
        declared = {"image": "picture", "audio": "music"}.get(said.partition("/")[0])
        if declared is None:
            raise RefusedError("upload_refused", f"Content-Type is {said[:100] or 'missing'}")
        source = folder / "received"
        await self._receive(request, source)
        try:
            found = await asyncio.to_thread(sniffed, source)
            if found.kind != declared:
                wrong = f"Content-Type is {said[:100]}, the bytes differ"
                raise RefusedError("upload_refused", wrong)
            async with self._turns:
                return await decoded(found.kind, found.format, source, folder / "made")
        except RefusedFileError as refused:
            raise self._refused(refused.code, refused.detail) from None

    async def _receive(self, request: Request, file: Path) -> None:
        length = request.headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._most:
            raise self._refused(_TOO_LARGE, "the body")
        left = self._most
        with file.open("wb") as out:
            try:
                async for piece in request.stream():
                    left -= len(piece)
                    if left < 0:
                        raise self._refused(_TOO_LARGE, "the body")
                    out.write(piece)
            except ClientDisconnect:
                raise RefusedError("upload_unreadable", "the body broke off") from None

    def _refused(self, code: str, detail: str) -> RefusedError:
        if code != _TOO_LARGE:
            return RefusedError(code, detail)
        megabytes, megapixels, minutes = self._most / 1e6, MOST_PIXELS // 10**6, LONGEST_S // 60
        most = f"at most {megabytes:g} MB, {megapixels} megapixels, {minutes} minutes"
        return RefusedError(
            code,
            f"{detail}; {most}",
            mostMegabytes=round(megabytes, 1),
            mostMegapixels=megapixels,
            mostMinutes=minutes,
        )
