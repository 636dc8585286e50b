"""A provider of scripts and voices in a process of its own, which keeps its own books.

``python -m support.faults.provider PORT FILE``: every call is a line of FILE, with what was asked
for (a hash), what was done, and whether it is charged. ``POST /moods`` says what the next calls
will meet: ``{"chat": ["busy"], "speech": ["cut"]}``; when they are used up, all is well.
"""

import asyncio
import hashlib
import json
import re
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from support.llm_server import LlmServer, script_text
from support.tones import tones

SCENES = 2
TAG = re.compile(r"《(\w+)》")
_REFUSED: dict[str, tuple[int, str, dict[str, str]]] = {
    "busy": (429, "rate_limit_exceeded", {"retry-after": "1"}),
    "quota": (429, "insufficient_quota", {}),
    "error": (500, "server_error", {}),
    "overloaded": (503, "overloaded", {}),
    "refused": (400, "invalid_request_error", {}),
}
_FREE = {*_REFUSED, "filtered", "poor", "unknown-model"}


class Provider(LlmServer):
    """Its scripts are about the ``《name》`` in the prompt, so that no two projects share one."""

    def __init__(self, books: Path) -> None:
        super().__init__()
        self._books = books
        self._moods: dict[str, list[str]] = {"chat": [], "speech": []}
        self.app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/audio/speech", self._speech, methods=["POST"]),
                Route("/v1/models", self._models),
                Route("/moods", self._set_moods, methods=["POST"]),
            ]
        )

    async def _set_moods(self, request: Request) -> Response:
        self._moods = {"chat": [], "speech": [], **await request.json()}
        self._stopping.set()  # whoever hangs is let go
        self._stopping = asyncio.Event()
        return JSONResponse(self._moods)

    async def _chat(self, request: Request) -> Response:
        body = await request.json()
        mood = self._mood("chat")
        self._enter("chat", json.dumps(body["messages"]), mood, charged=_answers(mood))
        return await self._answer(mood, body)

    async def _speech(self, request: Request) -> Response:
        order = await request.json()
        mood = self._mood("speech")
        self._enter("speech", order["input"], mood, charged=mood not in _FREE)
        if mood in _REFUSED:
            status, code, headers = _REFUSED[mood]
            return JSONResponse({"error": {"code": code, "message": mood}}, status, headers)
        if mood == "hang":
            await self._stopping.wait()
        sound = b"" if mood == "empty" else tones(order["input"]).pcm
        if mood == "garbage":
            return Response(b"{}", media_type="application/json")
        return StreamingResponse(self._sound(sound, mood), media_type="audio/pcm")

    async def _sound(self, sound: bytes, mood: str) -> AsyncIterator[bytes]:
        size = max(1, len(sound) // 8)
        for start in range(0, len(sound), size):
            if mood == "cut" and start > len(sound) // 2:
                raise ConnectionResetError
            await asyncio.sleep(0.02)  # a moment to be hit in
            yield sound[start : start + size]

    def _mood(self, kind: str) -> str:
        return self._moods[kind].pop(0) if self._moods[kind] else "slow"

    def _enter(self, kind: str, asked: str, mood: str, *, charged: bool) -> None:
        tag = TAG.search(asked)
        line = {
            "kind": kind,
            "input": hashlib.sha256(asked.encode()).hexdigest()[:16],
            "about": tag[1] if tag else "",
            "did": mood,
            "charged": charged,
            "at": time.time(),
        }
        with self._books.open("a") as books:
            books.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _text(self, what: str, body: dict[str, Any]) -> str:
        said = " ".join(message["content"] for message in body["messages"])
        tag = TAG.search(said)
        text = script_text(SCENES, f"《{tag[1] if tag else '雨'}》第{{n}}段。")
        return {"broken": text.replace(":", "：", 3)}.get(what, text)


def _answers(mood: str) -> bool:
    """Whether an answer begins: only that is charged."""
    return mood not in {*_FREE, "hang", "dropped", "page", "mute"}


if __name__ == "__main__":
    provider = Provider(Path(sys.argv[2]))
    uvicorn.run(provider.app, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical")
