"""A server that speaks DashScope's asynchronous video synthesis, with its moods and slowness, and
keeps account of every job that it took.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import Any

import av
import numpy as np
from aiohttp import web
from support.key_questions import KeyQuestions

GOOD_KEY = "sk-good"
_NO_JOB = "{job:00000000-0000-0000-0000-000000000000}"
_PATH = "/api/v1/services/aigc/video-generation/video-synthesis"
_REFUSALS: dict[str, tuple[int, str, str]] = {
    "busy": (429, "Throttling.RateQuota", "Requests rate limit exceeded"),
    "spent": (429, "Throttling.AllocationQuota", "Allocated quota exceeded"),
    "poor": (400, "Arrearage", "Access denied, your account is not in good standing"),
    "down": (503, "InternalError", "An internal error has occurred"),
    "unsafe": (400, "DataInspectionFailed", "Input data may contain inappropriate content"),
    "wrong": (400, "InvalidParameter", "size must be one of"),
}


@lru_cache(maxsize=16)
def a_film(
    seconds: float = 1.0,
    *,
    size: tuple[int, int] = (320, 180),
    rate: int = 16,
    form: str = "mp4",
    sound: bool = False,
) -> bytes:
    """From dark to light, its left half red."""
    body = BytesIO()
    codec = "libx264" if form == "mp4" else "libvpx"
    with av.open(body, "w", format=form) as file:
        stream: Any = file.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        tone: Any = file.add_stream("aac", rate=44_100, layout="mono") if sound else None
        count = round(seconds * rate)
        for number in range(count):
            pixels = np.zeros((size[1], size[0], 3), np.uint8)
            pixels[:, :, :] = 40 + 200 * number // max(1, count - 1)
            pixels[:, : size[0] // 2, 1:] = 20
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = number
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
        if tone is not None:
            silence = av.AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
            )
            silence.rate = 44_100
            file.mux(tone.encode(silence))
            file.mux(tone.encode(None))
    return body.getvalue()


@dataclass
class FootageServer:
    """``moods`` are taken one an order; when they are used up it is taken. ``states`` are what a
    job goes through, one a question, the last one stays. ``jobs`` are all that were taken.
    """

    url: str = ""
    moods: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=lambda: ["PENDING", "RUNNING", "SUCCEEDED"])
    orders: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    failure: tuple[str, str] = ("InternalError.Timeout", "it took too long")
    film: bytes = b""
    gone: bool = False
    locked: bool = False
    keys: KeyQuestions = field(default_factory=KeyQuestions)

    async def submit(self, request: web.Request) -> web.StreamResponse:
        if _is_wrong(request):
            return _error(401, "InvalidApiKey", "Invalid API-key provided.")
        if request.headers.get("X-DashScope-Async") != "enable":
            return _error(
                403, "AccessDenied", "current user api does not support synchronous calls"
            )
        self.orders.append(await request.json())
        mood = self.moods.pop(0) if self.moods else "well"
        if mood in _REFUSALS:
            return _error(*_REFUSALS[mood])
        job = f"job-{len(self.jobs) + 1}"
        self.jobs.append(job)
        if mood == "cut" and request.transport is not None:
            request.transport.abort()
        if mood == "nameless":
            return web.json_response({"request_id": "r", "output": {"task_status": "PENDING"}})
        output = {"task_id": job, "task_status": "PENDING"}
        return web.json_response({"request_id": "r", "output": output})

    async def task(self, request: web.Request) -> web.Response:
        job = request.match_info["job"]
        self.asked.append(job)
        if self.locked or _is_wrong(request):
            return _error(401, "InvalidApiKey", "Invalid API-key provided.")
        if job in self.cancelled or job not in self.jobs:
            return _task(job, "CANCELED" if job in self.cancelled else "UNKNOWN")
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if state == "away":
            return _error(500, "InternalError", "An internal error has occurred")
        if state == "FAILED":
            return _task(job, state, code=self.failure[0], message=self.failure[1])
        if state != "SUCCEEDED":
            return _task(job, state)
        url = f"{self.url.removesuffix('/api/v1')}/files/{job}.mp4"
        usage = {"video_duration": 5, "video_ratio": "1280*720", "video_count": 1}
        return _task(job, state, usage=usage, video_url=url)

    async def no_job(self, request: web.Request) -> web.Response:
        """Asked for because of the key; no job of anybody."""
        if answer := await self.keys.answer(request):
            return answer
        if _is_wrong(request):
            return _error(401, "InvalidApiKey", "Invalid API-key provided.")
        return _task(request.match_info["job"], "UNKNOWN")

    async def cancel(self, request: web.Request) -> web.Response:
        """Only what still waits."""
        if self.states[0] != "PENDING":
            return _error(400, "UnsupportedOperation", "Failed to cancel the task")
        self.cancelled.append(request.match_info["job"])
        return web.json_response({"request_id": "r"})

    async def file(self, request: web.Request) -> web.Response:
        if self.gone:
            return web.Response(status=403)
        return web.Response(body=self.film or a_film(), content_type="video/mp4")


def _is_wrong(request: web.Request) -> bool:
    return request.headers.get("Authorization") != f"Bearer {GOOD_KEY}"


def _task(job: str, status: str, *, usage: Any = None, **more: str) -> web.Response:
    body = {"request_id": "r", "output": {"task_id": job, "task_status": status, **more}}
    return web.json_response({**body, **({"usage": usage} if usage else {})})


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"code": code, "message": message, "request_id": "r"}, status=status)


@asynccontextmanager
async def footage_server() -> AsyncIterator[FootageServer]:
    server = FootageServer()
    app = web.Application()
    app.router.add_post(_PATH, server.submit)
    app.router.add_get(f"/api/v1/tasks/{_NO_JOB}", server.no_job)
    app.router.add_get("/api/v1/tasks/{job}", server.task)
    app.router.add_post("/api/v1/tasks/{job}/cancel", server.cancel)
    app.router.add_get("/files/{job}.mp4", server.file)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/api/v1"
    try:
        yield server
    finally:
        await runner.cleanup()
