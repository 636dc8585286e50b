"""A stranger's file made anew, by a process of its own."""

import asyncio
import errno
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.foreign.errors import DecodingLostError, RefusedFileError
from shared.foreign.sniffing import Kind

LONGEST_S: Final = 110
# Not EIO, which decoders say of broken bytes.
_DISK: Final = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
_ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """``width`` and ``height`` of a picture or footage, ``seconds`` of music or footage."""

    kind: Kind
    file: Path
    media_type: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None


async def decoded(kind: Kind, form: str, source: Path, out: Path) -> Decoded:
    """The file anew, beside ``out`` and with a suffix of its own. Raises RefusedFileError, and
    OSError where the disk takes nothing. A cancel ends the process.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", "shared.foreign.decoder", kind, form, str(source), str(out)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_ENVIRONMENT,
    )
    try:
        async with asyncio.timeout(LONGEST_S):
            told, _ = await process.communicate()
    except TimeoutError:
        raise DecodingLostError("decoding took too long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == -signal.SIGKILL:
        raise DecodingLostError("decoding was killed")
    if process.returncode:
        raise RefusedFileError("upload_unreadable", "decoding went beyond its limits")
    said = json.loads(told)
    if said.get("errno") in _DISK:
        raise OSError(said["errno"], os.strerror(said["errno"]), str(out))
    if "code" in said:
        raise RefusedFileError(said["code"], said["detail"])
    return Decoded(kind=kind, **{**said, "file": out.parent / said["file"]})
