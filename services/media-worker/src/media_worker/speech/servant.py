"""A child process that stays: asked again and again, dead with its parent, anew after a crash."""

import asyncio
import json
import struct
import sys
from typing import Any, Final

from media_worker.children import kill, spawn
from shared.errors import StageError

_LENGTH: Final = struct.Struct("<I")


class Servant:
    """``python -m module arguments``, one question at a time. Question: length and JSON; answer:
    length and JSON, length and bytes.

    Whoever is cancelled while asking takes the process with him, since it may be in the middle of
    its work; the next one starts it again.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        self._command = (module, *arguments)
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def ask(self, question: Any) -> tuple[dict[str, Any], bytes]:
        """Raises StageError (retryable) when the process dies of the question."""
        async with self._turn:
            process = await self._started()
            try:
                return await _asked(process, question)
            except (asyncio.IncompleteReadError, ConnectionError):
                await self.end()
                why = f"the voice's process ended with {process.returncode}"
                raise StageError("voice_failed", why, retryable=True) from None
            except asyncio.CancelledError:
                await self.end()
                raise

    async def end(self) -> None:
        """Kills the process, if there is one, and waits until it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        await asyncio.shield(kill(process))

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await spawn(*self._command)
        return self._process


async def _asked(
    process: asyncio.subprocess.Process, question: Any
) -> tuple[dict[str, Any], bytes]:
    if process.stdin is None or process.stdout is None:
        raise ConnectionError("the process has no pipes")
    body = json.dumps(question).encode()
    process.stdin.write(_LENGTH.pack(len(body)) + body)
    await process.stdin.drain()
    head = json.loads(await _block(process.stdout))
    return head, await _block(process.stdout)


async def _block(stream: asyncio.StreamReader) -> bytes:
    (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
    return await stream.readexactly(length)


def serve(answer: Any) -> None:
    """The child's side: ``answer(question)`` gives a head and bytes, until the parent is gone."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a library that prints must not garble the answers
    while len(length := source.read(_LENGTH.size)) == _LENGTH.size:
        question = json.loads(source.read(_LENGTH.unpack(length)[0]))
        head, body = answer(question)
        text = json.dumps(head).encode()
        target.write(_LENGTH.pack(len(text)) + text + _LENGTH.pack(len(body)) + body)
        target.flush()
