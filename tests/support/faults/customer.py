"""A customer of the whole system: orders one video over HTTP, and follows it to its end through
whatever happens. Keeps all that it was told.
"""

import asyncio
import io
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final
from uuid import uuid4

import av
import httpx
from av.error import FFmpegError

BASE: Final = "/api/video-creation"
EVERY_S: Final = 0.25
PATIENCE_S: Final = 120.0
GENERATING: Final = ("GENERATING_SCRIPT", "GENERATING_AUDIO", "GENERATING_VIDEO")
_COME_AGAIN: Final = {"idempotency_busy", "database_unavailable", "too_many_runs"}
_HANZI: Final = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳"
_numbers = count()


def a_name() -> str:
    """Of hanzi, so that a voice can say it; no two are the same."""
    return "".join(_HANZI[int(digit, 16)] for digit in uuid4().hex[:8])


@dataclass(slots=True, kw_only=True)
class Customer:
    """``urls``: the API's replicas; another one is asked when one does not answer."""

    urls: list[str]
    name: str = field(default_factory=a_name)
    retries_left: int = 5
    project: str = ""
    seen: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    retries: int = 0
    orders: int = 1
    second_charges: int = 0
    cancelled_at: float | None = None
    deleted: bool = False
    ended: str = ""
    playable: bool | None = None
    _turn: int = field(default_factory=lambda: next(_numbers))

    @property
    def at(self) -> str:
        return f"/projects/{self.project}"

    async def buy(self, *, within: float = 240) -> None:
        """Orders, and follows to the end; retries what the page would offer to retry."""
        async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
            await self.order(http)
            await self.follow(http, within=within)

    async def order(self, http: httpx.AsyncClient, **body: Any) -> None:
        source = {} if "outline" in body else {"article": f"《{self.name}》说的是雨水去哪儿了。"}
        wish = {"title": self.name, "language": "zh-CN", "targetSeconds": 15, "autoProduce": True}
        answer = await self.post(http, "/projects", {**source, **wish, **body})
        self.project = answer["projectId"]

    async def follow(self, http: httpx.AsyncClient, *, within: float = 240) -> str:
        """Answers the status at the end; an AssertionError when there is none in time."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            status = await self.status(http)
            ended = status is not None and status["status"] not in GENERATING
            if ended and not await self._again(http, status):
                self.ended = status["status"]
                if self.ended == "EDITING":
                    self.playable = await self.watch(http)
                return self.ended
            await asyncio.sleep(EVERY_S)
        last = self.seen[-1] if self.seen else None
        raise AssertionError(f"{self.project} has no end within {within:g} s; last: {last}")

    async def status(self, http: httpx.AsyncClient) -> dict[str, Any] | None:
        """None when the API, or its database, is away just now."""
        try:
            answer = await http.get(f"{self._url()}{BASE}{self.at}/status")
        except httpx.TransportError:
            self._turn += 1
            return None
        if answer.status_code != 200:
            assert answer.status_code in {503, 404}, answer.text
            assert answer.status_code == 503 or self.deleted, f"{self.project} is lost"
            return None
        self.seen.append(answer.json())
        return self.seen[-1]

    async def post(
        self, http: httpx.AsyncClient, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Says it until it is answered, always with the same Idempotency-Key."""
        answer = await self.said(http, "POST", path, body)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def said(
        self, http: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid4())}
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                url = self._url() + BASE + path
                answer = await http.request(method, url, json=body or {}, headers=headers)
                if not _for_now(answer):
                    return answer
            except httpx.TransportError:
                self._turn += 1
            assert time.monotonic() < deadline, f"{path}: no answer for {PATIENCE_S:g} s"
            await asyncio.sleep(EVERY_S)

    async def watch(self, http: httpx.AsyncClient) -> bool:
        """Whether the video that the API gives can be played."""
        for _ in range(40):
            try:
                answer = await http.get(f"{self._url()}{BASE}{self.at}/artifacts/video.mp4")
                if answer.status_code == 200:
                    return await asyncio.to_thread(plays, answer.content)
            except httpx.TransportError:
                self._turn += 1
            await asyncio.sleep(EVERY_S)
        return False

    async def _again(self, http: httpx.AsyncClient, status: dict[str, Any]) -> bool:
        """Retries a failure where that can help; whether it did."""
        error = status["error"]
        if error is None or not error["userCanRetry"] or not self.retries_left:
            return False
        unknown = error["code"] == "outcome_unknown"
        self.retries_left -= 1
        self.retries += 1
        self.orders += 1
        self.second_charges += unknown
        answer = await self.said(http, "POST", f"{self.at}/retry", {"acceptSecondCharge": unknown})
        assert answer.is_success or answer.json()["code"] in {"run_active", "not_failed"}
        return True

    def _url(self) -> str:
        return self.urls[self._turn % len(self.urls)]


def _for_now(answer: httpx.Response) -> bool:
    """Whether the same again, later, may be answered otherwise."""
    if answer.status_code == 503:
        return True
    return answer.status_code in {409, 429} and answer.json().get("code") in _COME_AGAIN


def plays(body: bytes) -> bool:
    try:
        with av.open(io.BytesIO(body)) as file:
            return any(True for _ in file.decode(video=0))
    except (FFmpegError, IndexError):
        return False
