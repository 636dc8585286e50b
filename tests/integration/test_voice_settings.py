"""A worker whose voice can't speak ends at its start and says why, before any run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.speech_server import speech_server

pytestmark = pytest.mark.timeout(120)
COMMON = {"RABBITMQ_URL": "amqp://127.0.0.1:9/", "VOICE": "openai"}


def ended(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **COMMON, "ARTIFACTS_URL": f"file://{folder}", **more}
    return subprocess.run(
        [sys.executable, "-m", "media_worker"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        pytest.param({}, "OPENAI_API_KEY", id="no key"),
        pytest.param(
            {"OPENAI_API_KEY": "k", "OPENAI_TTS_BASE_URL": "nowhere"},
            "OPENAI_TTS_BASE_URL",
            id="no address",
        ),
        pytest.param({"VOICE": "klingon"}, "VOICE", id="no such voice"),
        pytest.param(
            {"VOICE": "kokoro", "KOKORO_DIR": "/nowhere"}, "zf_xiaoxiao", id="not installed"
        ),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, more: dict[str, str], said: str) -> None:
    done = ended(tmp_path, **more)

    assert done.returncode == 1
    assert said in done.stderr


async def test_a_key_that_the_provider_refuses_is_told_without_the_key(tmp_path: Path) -> None:
    import asyncio

    async with speech_server() as server:
        done = await asyncio.to_thread(
            ended, tmp_path, OPENAI_API_KEY="sk-bad", OPENAI_TTS_BASE_URL=server.url
        )

    assert done.returncode == 1
    assert "does not accept OPENAI_API_KEY" in done.stderr
    assert "sk-bad" not in done.stderr
