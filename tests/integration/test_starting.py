"""Services that start before what they need is there."""

import asyncio
from pathlib import Path

import httpx
import pytest
from support.waiting import eventually

from local_stack.servers.ports import free_port
from local_stack.stack import MODULES, Stack


@pytest.mark.parametrize("service", ["script-worker", "media-worker", "projector", "notifier"])
async def test_without_a_broker_a_service_lives_is_not_ready_and_stops_when_told(
    database_url: str, tmp_path: Path, service: str
) -> None:
    nobody = f"amqp://guest:guest@127.0.0.1:{free_port(str(tmp_path))}/"
    only = {name: int(name in {service, "api"}) for name in MODULES}
    stack = Stack(tmp_path, database_url, nobody, replicas=only)
    starting = asyncio.create_task(stack.start())
    port = stack.port(service)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5) as client:
        await eventually(lambda: _answers(client), within=15)

        ready = await client.get("/ready")

    assert ready.status_code == 503
    async with asyncio.timeout(5):
        await starting
        await stack.stop()


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/live")).status_code == 200
    except httpx.TransportError:
        return False
