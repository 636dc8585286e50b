"""Projects of one user with an equal scene: an article that was submitted twice."""

from typing import Any

from sqlalchemy import select
from support.building import a_manifest
from support.driving import Driver

from shared.messages.asides import PreviewScene
from shared.store import tables


async def place_of(driver: Driver, project: str) -> str:
    view = await driver.get(f"/projects/{project}")
    return f"/projects/{project}/scenes/{view['script']['scenes'][0]['id']}/preview"


async def make_all(driver: Driver) -> None:
    """As a worker: whatever was asked for."""
    query = select(tables.outbox.c.body).where(tables.outbox.c.type == "scene.preview.v1")
    async with driver.engine.connect() as conn:
        bodies = (await conn.execute(query)).scalars().all()
    for body in bodies:
        command = PreviewScene.model_validate_json(bytes(body))
        blob = await driver.artifacts.put_bytes(bytes(command.key, "ascii"), ".bin", "test/preview")
        roles: dict[str, Any] = dict.fromkeys(("video", "still"), blob)
        await driver.artifacts.commit(a_manifest(command.key, blobs=roles))


async def test_each_has_a_preview_of_its_own_whose_links_open(driver: Driver) -> None:
    places = [await place_of(driver, await driver.with_script()) for _ in range(2)]

    asked = [await driver.post(place) for place in places]
    await make_all(driver)
    ready = [await driver.get(place) for place in places]

    assert [answer.status_code for answer in asked] == [202, 202]
    for one in ready:
        assert (await driver.client.get(one["clip"]["url"])).status_code == 200
