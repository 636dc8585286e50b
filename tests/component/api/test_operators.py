"""Who may operate, and what is seen of queues and workers."""

from sqlalchemy import func, select, update
from support.burying import dead_script
from support.driving import Driver, refused
from support.operating import ops, read

from api.app import OPS_PREFIX
from shared.messaging.topology import QUEUES
from shared.store import tables


async def test_without_the_scope_every_route_of_operators_is_refused(driver: Driver) -> None:
    _, letter = await dead_script(driver)
    document = (await driver.client.get("/openapi.json")).json()
    routes = [
        (method, path.format(letter_id=letter))
        for path, operations in document["paths"].items()
        for method in operations
        if path.startswith(OPS_PREFIX)
    ]

    for method, path in routes:
        scopes = {"x-scopes": "video:read video:write"}
        answer = await driver.client.request(method.upper(), path, headers=scopes)
        assert refused(answer, 403, "scope_missing"), path

    assert len(routes) == 6
    assert (await read(driver, letter))["audit"] == []


async def test_queues_that_nobody_can_ask_about_are_unknown_not_empty(driver: Driver) -> None:
    await dead_script(driver)

    seen = (await ops(driver, "GET", "/queues")).json()

    assert (seen["broker"], seen["deadLetters"]) == (False, 1)
    assert seen["outbox"] >= 1
    assert len(seen["items"]) == 2 * len(QUEUES)
    assert {(one["exists"], one["ready"], one["consumers"]) for one in seen["items"]} == {
        (None, None, None)
    }


async def test_workers_are_shown_with_what_runs_stalls_and_waits(driver: Driver) -> None:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    await driver.start(project)
    async with driver.engine.begin() as conn:
        first = select(tables.tasks.c.id).where(tables.tasks.c.state == "running").limit(1)
        silent = update(tables.tasks).where(tables.tasks.c.id.in_(first))
        await conn.execute(
            silent.values(last_seen_at=func.now() - func.make_interval(0, 0, 0, 0, 0, 0, 16))
        )

    rows = {row["stage"]: row for row in (await ops(driver, "GET", "/workers")).json()}

    assert list(rows) == ["script", "voice", "visual", "clip", "assembly"]
    assert (rows["voice"]["running"], rows["voice"]["stalled"]) == (3, 1)
    assert (rows["clip"]["running"], rows["clip"]["waiting"]) == (0, 0)
    assert rows["voice"]["consumers"] is None


async def test_a_405_names_the_methods_of_operators_too(driver: Driver) -> None:
    answer = await ops(driver, "DELETE", "/dead-letters/1")

    assert refused(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET"
