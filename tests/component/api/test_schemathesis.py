"""The OpenAPI document against a real process of the API: thousands of cases, every check."""

import asyncio
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from support.driving import Driver
from support.http import parts_of
from support.stack import stacked

from api.app import application

SECRET = "a secret of the tests, long enough"
AUTH = {
    "AUTH_MODE": "jwt",
    "LINK_SECRET": "a secret of the tests that is long enough",
    "JWT_ISSUER": "tests",
    "JWT_AUDIENCE": "reelay",
    "JWT_ALGORITHM": "HS256",
    "JWT_SECRET": SECRET,
}
NO_BROKER = "amqp://nobody:nothing@127.0.0.1:1/"
ONLY_THE_API = dict.fromkeys(("projector", "script-worker", "media-worker", "notifier"), 0)
PLENTY = 5_000


@pytest.mark.timeout(1_200)  # some 95 s of processor time: a minute where two cores are idle
async def test_the_api_is_as_its_document_says_in_five_thousand_cases(
    database_url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    env = {**AUTH, "MAX_ACTIVE_RUNS": "100000", "STREAM_ALIVE_S": "0.2"}
    async with stacked(
        tmp_path, database_url, NO_BROKER, replicas=ONLY_THE_API, env={"api": env}
    ) as (stack, inside):
        await _projects_in_every_state(engine, inside.artifacts)
        began = time.monotonic()

        found = await _fuzzed(stack.api_url)

        total = sum(found["cases"].values())
        print(f"{total} cases in {time.monotonic() - began:.0f} s: {found['cases']}")  # noqa: T201
        assert not found["failures"], "\n\n".join(map(": ".join, found["failures"].items()))
        assert total >= PLENTY, found["cases"]
        assert all(found["cases"][phase] for phase in ("coverage", "fuzzing", "stateful"))
        seen = {status for statuses in found["statuses"].values() for status in statuses}
        assert not [status for status in seen if status == "None" or status >= "500"], seen
        assert not [o for o, statuses in found["statuses"].items() if not _granted(o, statuses)]


def _granted(operation: str, statuses: dict[str, int]) -> bool:
    """Whether some case got what it asked for. No guess meets a file's name, a signed link or the
    id of a notice, a scene or a dead letter, or comes at the one moment of a project.
    """
    named = ("/artifacts/{name}", "/links/", "/notifications/{notice_id}", "/scenes/{scene_id}/")
    named += ("/dead-letters/{letter_id}",)
    moments = ("/production", "/complete", "/retry")
    return any(part in operation for part in named + moments) or any(s < "300" for s in statuses)


async def _fuzzed(url: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "support.fuzzing", url, _token()),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, errors.decode()
    return json.loads(said)


def _token() -> str:
    claims = {"iss": "tests", "aud": "reelay", "sub": "ann", "scope": "video:read video:write ops"}
    return jwt.encode({**claims, "exp": datetime.now(UTC) + timedelta(hours=1)}, SECRET, "HS256")


async def _projects_in_every_state(engine: AsyncEngine, artifacts: Any) -> None:
    transport = httpx.ASGITransport(application(parts_of(engine, artifacts)))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        driver = Driver(client, engine, artifacts)
        await driver.with_video(title="a video")
        await driver.with_script(title="a script")
        failed = await driver.created(title="a failure")
        await driver.post(f"/projects/{failed}/script")
        await driver.fail(failed)
        completed = await driver.with_video(title="completed")
        await driver.post(f"/projects/{completed}/complete")
