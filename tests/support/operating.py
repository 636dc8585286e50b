"""Calls of an operator: the scope ``ops`` and nothing else."""

from typing import Any

import httpx
from support.driving import Driver

from api.app import OPS_PREFIX


async def ops(driver: Driver, method: str, path: str, **more: Any) -> httpx.Response:
    headers = {"x-user": "olga", "x-scopes": "ops", **more.pop("headers", {})}
    return await driver.client.request(method, OPS_PREFIX + path, headers=headers, **more)


async def read(driver: Driver, letter: int) -> dict[str, Any]:
    answer = await ops(driver, "GET", f"/dead-letters/{letter}")
    assert answer.status_code == 200, answer.text
    return answer.json()
