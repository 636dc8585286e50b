"""The examples as a reader would run them, against the whole stack."""

import asyncio
import os
import sys
from pathlib import Path

import av
import pytest
from support.stack import stacked

pytestmark = pytest.mark.timeout(300)
EXAMPLES = Path(__file__).parents[2] / "examples"
SECRET = "a secret of the tests, long enough"
AUTH = {
    "AUTH_MODE": "jwt",
    "LINK_SECRET": "a secret of the tests that is long enough",
    "JWT_ISSUER": "tests",
    "JWT_AUDIENCE": "reelay",
    "JWT_ALGORITHM": "HS256",
    "JWT_SECRET": SECRET,
}


async def test_each_example_ends_with_a_video(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    article = tmp_path / "文章.md"
    article.write_text(
        '雨水"渗入"地下，街道不再积水。\n\n植物过滤\\污染物，\t河水变清。\n', "utf-8"
    )
    async with stacked(tmp_path / "stack", database_url, rabbitmq_url, env={"api": AUTH}) as (
        stack,
        _,
    ):
        env = {"REELAY_URL": stack.api_url, "REELAY_TOKEN": await _token(), "LC_ALL": "C.UTF-8"}
        for program, name in (
            ("sh", "submit.sh"),
            (sys.executable, "follow.py"),
            (sys.executable, "live.py"),
        ):
            video = tmp_path / f"{name}.mp4"

            told = await _run(program, str(EXAMPLES / name), str(article), str(video), **env)

            assert told.splitlines()[-1] == str(video)
            assert "100 %" in told
            with av.open(video) as container:
                assert container.duration / av.time_base > 3


async def test_an_example_without_a_token_says_what_is_wrong(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    nothing = dict.fromkeys(("projector", "script-worker", "media-worker", "notifier"), 0)
    async with stacked(
        tmp_path, database_url, rabbitmq_url, env={"api": AUTH}, replicas=nothing
    ) as (stack, _):
        with pytest.raises(AssertionError, match="unauthorized"):
            await _run("sh", str(EXAMPLES / "submit.sh"), REELAY_URL=stack.api_url)


async def _token() -> str:
    """As docs/http-api.md says."""
    return (await _run(sys.executable, "-m", "api.token", "--user", "ann", **AUTH)).strip()


async def _run(*command: str, **env: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, errors = await process.communicate()
    assert process.returncode == 0, f"{told.decode()}\n{errors.decode()}"
    return told.decode()
