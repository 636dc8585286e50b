"""What a desk writes down of a redrive that was refused for now."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from support.burying import dead_script
from support.driving import Driver, refused
from support.http import client_of, parts_of
from support.operating import ops, read

from api.app import application
from shared.artifacts.store import ArtifactStore


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "one"}], ids=["no key", "a key"])
async def test_a_redrive_beyond_its_owners_limit_is_written_down_and_may_come_again(
    engine: AsyncEngine, artifacts: ArtifactStore, headers: dict[str, str]
) -> None:
    app = application(parts_of(engine, artifacts, settings={"max_active_runs": 1}))
    async with client_of(app) as client:
        driver = Driver(client, engine, artifacts)
        _, letter = await dead_script(driver)
        busy = await driver.created()
        await driver.post(f"/projects/{busy}/script")
        path = f"/dead-letters/{letter}/redrive"

        early = await ops(driver, "POST", path, headers=headers)
        await driver.post(f"/projects/{busy}/cancel")
        later = await ops(driver, "POST", path, headers=headers)
        audit = (await read(driver, letter))["audit"]

    assert refused(early, 429, "too_many_runs")
    assert early.headers["retry-after"]
    assert later.status_code == 202
    assert [line["outcome"] for line in audit] == ["too_many_runs", "redriven"]
