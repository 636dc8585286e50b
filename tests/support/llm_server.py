"""A language model's server: the real protocol over real HTTP, with its errors and its slowness.

The model's name is what happens, call by call, the last one repeated: ``busy,gated broken,ok``.
``python -m support.llm_server PORT FILE`` serves in a process of its own, each call noted in FILE.
"""

import asyncio
import json
import re
import socket
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

GOOD_KEY = "sk-good"
WRONG_KEY = "sk-wrong-1234"
TITLE = "雨水去哪儿了"
SENTENCE = "第{n}段：城市里的雨水要有地方去，草地和池塘会先把它存起来，再慢慢放走。"
SCENES = 6
_HALF = re.compile("[\ud800-\udfff]")
_ERRORS: dict[str, tuple[int, str, str]] = {
    "busy": (429, "rate_limit_exceeded", "Rate limit reached"),
    "quota": (429, "insufficient_quota", "You exceeded your current quota"),
    "error": (500, "server_error", "The server had an error"),
    "overloaded": (503, "overloaded", "Overloaded"),
    "filtered": (400, "content_filter", "The prompt was filtered"),
    "unknown-model": (404, "model_not_found", "The model does not exist"),
    "poor": (402, "invalid_request_error", "Insufficient Balance"),
}


def script_text(scenes: int = SCENES, narration: str = SENTENCE) -> str:
    card = {"kind": "title", "subtitle": ""}
    body = {
        "title": TITLE,
        "scenes": [
            {"heading": f"第{n}幕", "narration": narration.format(n=n), "card": card}
            for n in range(1, scenes + 1)
        ],
    }
    return json.dumps(body, ensure_ascii=False)


def scene_text(narration: str) -> str:
    card = {"kind": "list", "items": ["草地", "池塘"]}
    return json.dumps({"heading": "新的一幕", "narration": narration, "card": card})


class LlmServer:
    """Answers, and keeps every call's body and headers. ``gate`` holds "gated" streams after their
    second scene.
    """

    def __init__(self, log: Path | None = None) -> None:
        self.calls: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.gate = asyncio.Event()
        self.scene = scene_text("雨水先存起来，再慢慢放走。")
        self.url = ""
        self._log = log
        self._stopping = asyncio.Event()
        self.app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
                Route("/v1/models", self._models),
            ]
        )

    def release(self) -> None:
        self.gate.set()
        self._stopping.set()

    async def _models(self, request: Request) -> Response:
        if WRONG_KEY in request.headers.get("authorization", ""):
            return _error(401, "invalid_api_key", f"Incorrect API key provided: {WRONG_KEY}")
        return JSONResponse({"object": "list", "data": []})

    async def _complete(self, request: Request) -> Response:
        body = await request.json()
        words = body["model"].split(",")
        what = words[min(len(self.calls), len(words) - 1)]
        self.calls.append(body)
        self.keys.append(request.headers.get("authorization", "").removeprefix("Bearer "))
        if self._log is not None:
            with self._log.open("a") as log:
                log.write(json.dumps({"model": body["model"], "did": what}) + "\n")
        if self.keys[-1] == WRONG_KEY:
            return _error(401, "invalid_api_key", f"Incorrect API key provided: {WRONG_KEY}")
        wrong = _protocol_error(body)
        if wrong:
            return _error(400, "invalid_request_error", wrong)
        return await self._answer(what, body)

    async def _answer(self, what: str, body: dict[str, Any]) -> Response:
        if what in _ERRORS:
            status, code, message = _ERRORS[what]
            headers = {"retry-after": "7"} if what == "busy" else {}
            return _error(status, code, message, headers)
        if what == "page":
            return HTMLResponse("<html>Welcome</html>")
        if what == "hang":
            await self._stopping.wait()
        if what == "dropped":
            raise ConnectionResetError
        stream = _thoughts(what) if what.startswith("thoughts") else self._stream(what, body)
        return StreamingResponse(stream, media_type="text/event-stream")

    async def _stream(self, what: str, body: dict[str, Any]) -> AsyncIterator[str]:
        text = self._text(what, body)
        yield _chunk({"role": "assistant", "content": ""})
        if what == "mute":
            await self._stopping.wait()
        if what == "refusal":
            yield _chunk({"refusal": "I'm sorry, I can't help with that."})
            text = ""
        size = 1 if what == "halves" else 16
        for at in range(0, len(text), size):
            if what in {"cut", "stalled"} and at > len(text) // 2:
                if what == "cut":
                    raise ConnectionResetError
                await self._stopping.wait()
            if what.startswith("gated") and text[:at].count("heading") == 3:
                await self.gate.wait()
            if what == "slow":
                await asyncio.sleep(0.005)
            yield _chunk({"content": text[at : at + size]})
        yield _chunk({}, finish="length" if what == "short" else "stop")
        yield _sparse() if what == "sparse" else _usage()
        yield "data: [DONE]\n\n"

    def _text(self, what: str, body: dict[str, Any]) -> str:
        text = script_text()
        if '"scenes"' not in body["messages"][0]["content"]:
            text = self.scene
        spoilt = {
            "broken": text.replace(":", "：", 3),
            "wrong": text.replace('"narration"', '"words"'),
            "short": text[: len(text) * 2 // 3],
            "long": script_text(30),
            "fenced": f"```json\n{text}\n```",
            "halves": _in_halves(script_text(narration=f"{SENTENCE}🌧 \ud83d")),
            "prose": "I would be glad to write a script about rain for you.",
        }
        return spoilt.get(what.removeprefix("gated "), text)


def _in_halves(text: str) -> str:
    """As UTF-16 has it: an emoji is two letters."""
    units = text.encode("utf-16-le", "surrogatepass")
    return "".join(
        chr(int.from_bytes(units[at : at + 2], "little")) for at in range(0, len(units), 2)
    )


async def _thoughts(what: str) -> AsyncIterator[str]:
    """All that a model may say was spent on reasoning."""
    for _ in range(3):
        yield _chunk({"content": None, "reasoning_content": "Rain has to go somewhere. "})
    if what == "thoughts cut":
        raise ConnectionResetError
    yield _chunk({}, finish="length")
    yield _usage()
    yield "data: [DONE]\n\n"


def _protocol_error(body: dict[str, Any]) -> str:
    """What the strict providers refuse."""
    form = body.get("response_format", {})
    said = " ".join(message["content"] for message in body["messages"])
    if form.get("type") == "json_object" and "json" not in said.lower():
        return "'messages' must contain the word 'json' to use 'response_format' json_object"
    if form.get("type") == "json_schema":
        return _loose(form["json_schema"]["schema"])
    return ""


def _loose(node: Any) -> str:
    """Strict schemas name every property as required, close every object, know few keywords."""
    if isinstance(node, list):
        return next(filter(None, map(_loose, node)), "")
    if not isinstance(node, dict):
        return ""
    if "properties" in node and (
        node.get("additionalProperties") is not False
        or set(node.get("required", [])) != set(node["properties"])
    ):
        return "'additionalProperties' must be false and 'required' must list every property"
    if "oneOf" in node or "default" in node or "maxLength" in node:
        return "a keyword that is not permitted"
    return next(filter(None, map(_loose, node.values())), "")


def _chunk(delta: dict[str, Any], *, finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _event({"choices": [choice], "usage": None})


def _usage() -> str:
    used = {"prompt_tokens": 1200, "completion_tokens": 345, "total_tokens": 1545}
    return _event({"choices": [], "usage": used})


def _sparse() -> str:
    """Chunks without what they have nothing to say of."""
    used = {"prompt_tokens": None, "completion_tokens": 345}
    bare = [{"choices": None}, {"choices": [{"index": 0}]}, {"usage": used}]
    return "".join(["data: []\n\n", *map(_event, bare)])


def _event(fields: dict[str, Any]) -> str:
    whole = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_790_000_000,
        "model": "m",
        **fields,
    }
    body = json.dumps(whole, ensure_ascii=False)
    return f"data: {_HALF.sub(lambda half: json.dumps(half.group())[1:-1], body)}\n\n"


def _error(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    body = {"error": {"message": message, "type": code, "param": None, "code": code}}
    return JSONResponse(body, status, headers)


@asynccontextmanager
async def llm_server() -> AsyncGenerator[LlmServer, None]:
    """A server on a free port of this machine, ended with all its open streams."""
    served = LlmServer()
    listening = socket.create_server(("127.0.0.1", 0))
    served.url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    config = uvicorn.Config(served.app, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve(sockets=[listening]))  # the signals stay ours
    try:
        yield served
    finally:
        served.release()
        server.should_exit = True
        await running
        listening.close()


if __name__ == "__main__":
    alone = LlmServer(log=Path(sys.argv[2]))
    uvicorn.run(alone.app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
