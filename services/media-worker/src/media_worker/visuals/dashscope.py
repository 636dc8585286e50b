"""DashScope's asynchronous video synthesis over HTTP: submit, ask, cancel. No state of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import quote

import httpx2

from media_worker.visuals import dashscope_failures as failures

_CONNECT_S: Final = 10.0
_CALL_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the provider says of one. ``status``: PENDING, RUNNING, SUCCEEDED, FAILED, CANCELED, or
    UNKNOWN (there is no such job, or no longer).
    """

    status: str
    video_url: str = ""
    code: str = ""
    message: str = ""
    seconds: float = 0.0


class DashScope:
    """Every call raises CallFailedError. Only ``submit`` costs money."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self._http = httpx2.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=httpx2.Timeout(_CALL_S, connect=_CONNECT_S),
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def submit(self, model: str, prompt: str, parameters: Mapping[str, Any]) -> str:
        """The job's id."""
        body = {"model": model, "input": {"prompt": prompt}, "parameters": dict(parameters)}
        headers = {"X-DashScope-Async": "enable"}
        path = "/services/aigc/video-generation/video-synthesis"
        try:
            answer = await self._http.post(path, json=body, headers=headers)
        except httpx2.HTTPError as error:
            raise failures.unanswered(error) from error
        said = _said(answer)
        if answer.status_code != 200:
            raise failures.refused(answer.status_code, said, answer.headers)
        job = _output(said).get("task_id")
        if not isinstance(job, str) or not job:
            raise failures.jobless()
        return job

    async def ask(self, job: str) -> Job:
        """How far it is."""
        try:
            answer = await self._http.get(f"/tasks/{quote(job, safe='')}")
        except httpx2.HTTPError as error:
            raise failures.unasked(f"no answer: {type(error).__name__}") from error
        said = _said(answer)
        if answer.status_code in {401, 403}:
            raise failures.locked_out(answer.status_code)
        if answer.status_code != 200:
            raise failures.unasked(f"HTTP {answer.status_code}")
        found = _output(said)
        used: object = said.get("usage")
        usage = cast("dict[str, Any]", used) if isinstance(used, dict) else {}
        return Job(
            status=str(found.get("task_status") or "UNKNOWN"),
            video_url=str(found.get("video_url") or ""),
            code=str(found.get("code") or ""),
            message=str(found.get("message") or ""),
            seconds=_number(usage.get("video_duration") or usage.get("duration")),
        )

    async def cancel(self, job: str) -> bool:
        """Whether it was taken out of the queue; what runs already can't be cancelled there."""
        try:
            answer = await self._http.post(f"/tasks/{quote(job, safe='')}/cancel")
        except httpx2.HTTPError:
            return False
        return answer.status_code == 200


def _said(answer: httpx2.Response) -> dict[str, Any]:
    try:
        said: object = answer.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def _output(said: dict[str, Any]) -> dict[str, Any]:
    found: object = said.get("output")
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
