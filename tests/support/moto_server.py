"""A real S3 server of this session's own (moto), and buckets in it."""

import asyncio
import re
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from support.waiting import eventually

from shared.runtime.settings import ArtifactSettings

KEY, SECRET = "tests", "a secret of the tests"


@dataclass(slots=True)
class MotoServer:
    """Its process says nothing; ``url`` is where it answers."""

    url: str = ""
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    async def start(self) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._process = _served(port)
        await eventually(self._answers, within=60)

    async def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait)

    async def _answers(self) -> bool:
        with suppress(httpx.TransportError):
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{self.url}/moto-api/")).status_code == 200
        return False


def _served(port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def s3_values(server: str) -> dict[str, Any]:
    """The settings of who has the server's key."""
    return {"s3_endpoint": server, "s3_access_key_id": KEY, "s3_secret_access_key": SECRET}


async def new_bucket(server: str) -> str:
    """The name of an empty bucket (moto minds no signature here)."""
    name = f"b-{uuid4().hex[:16]}"
    async with httpx.AsyncClient() as client:
        (await client.put(f"{server}/{name}")).raise_for_status()
    return name


async def bucket_settings(server: str) -> ArtifactSettings:
    """Settings that lead to a place of their own, under a prefix."""
    url = f"s3://{await new_bucket(server)}/videos/of-ours"
    return ArtifactSettings(_env_file=None, artifacts_url=url, **s3_values(server))  # type: ignore[call-arg]


async def unfinished(server: str, bucket: str) -> list[str]:
    """The objects that somebody has begun to upload in parts, and not ended."""
    async with httpx.AsyncClient() as client:
        answer = (await client.get(f"{server}/{bucket}?uploads")).raise_for_status()
    return re.findall(r"<Key>([^<]+)</Key>", answer.text)
