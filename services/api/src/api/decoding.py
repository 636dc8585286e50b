"""Uploads received and made anew: the body goes to a file, a process of its own decodes it."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from api.errors import RefusedError
from api.sniffing import Kind, sniffed

LONGEST_S: Final = 110
_AT_ONCE: Final = 2
_ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """``width`` and ``height`` of a picture, ``seconds`` of music."""

    kind: Kind
    file: Path
    media_type: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None


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
        found = await asyncio.to_thread(sniffed, source)
        if found.kind != declared:
            raise RefusedError("upload_refused", f"Content-Type is {said[:100]}, the bytes differ")
        async with self._turns:
            return await _decoded(found.kind, found.format, source, folder / "made")

    async def _receive(self, request: Request, file: Path) -> None:
        length = request.headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._most:
            raise self._too_large()
        left = self._most
        with file.open("wb") as out:
            try:
                async for piece in request.stream():
                    left -= len(piece)
                    if left < 0:
                        raise self._too_large()
                    out.write(piece)
            except ClientDisconnect:
                raise RefusedError("upload_unreadable", "the body broke off") from None

    def _too_large(self) -> RefusedError:
        return RefusedError("upload_too_large", f"at most {self._most} bytes")


async def _decoded(kind: Kind, form: str, source: Path, out: Path) -> Decoded:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", "api.decoder", kind, form, str(source), str(out)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_ENVIRONMENT,
    )
    try:
        async with asyncio.timeout(LONGEST_S):
            told, _ = await process.communicate()
    except TimeoutError:
        raise RefusedError("upload_unreadable", "decoding took too long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RefusedError("upload_unreadable", "decoding went beyond its limits")
    said = json.loads(told)
    if "code" in said:
        raise RefusedError(said["code"], said["detail"])
    return Decoded(kind=kind, **{**said, "file": out.parent / said["file"]})
