"""How long an item of a card may be that a user writes."""

from typing import Any

import httpx
import pytest
from support.driving import Driver, refused

from shared.messages.script import ListCard, Script
from shared.store import tables

LONG = "雨" * 401


async def saved(driver: Driver, project: str, **scene: Any) -> httpx.Response:
    """The first scene of the script changed, as a page sends it."""
    view = await driver.get(f"/projects/{project}")
    scenes = view["script"]["scenes"]
    scenes[0] |= scene
    return await driver.call(
        "PUT",
        f"/projects/{project}/script",
        json={"title": view["script"]["title"], "scenes": scenes},
        headers={"If-Match": f'"{view["scriptVersion"]}"'},
    )


@pytest.mark.parametrize("kind", ["list", "steps"])
async def test_an_item_is_bounded_where_a_user_writes_it(driver: Driver, kind: str) -> None:
    project = await driver.with_script()

    longest = await saved(driver, project, card={"kind": kind, "items": [LONG[1:]]})
    longer = await saved(driver, project, card={"kind": kind, "items": ["短", LONG]})

    assert longest.status_code == 200
    assert refused(longer, 422, "invalid_request")
    assert [fault["field"] for fault in longer.json()["errors"]] == ["body.scenes.0.card.items"]


async def test_a_longer_item_that_a_writer_made_is_read_and_does_not_hinder_an_edit(
    driver: Driver,
) -> None:
    project = await driver.with_script()
    held = await driver.held(project)
    assert held.project.script is not None
    first, *rest = held.project.script.scenes
    scenes = (first.model_copy(update={"card": ListCard(items=(LONG,))}), *rest)
    script = Script(title="a", scenes=scenes)
    async with driver.engine.begin() as conn:
        written = tables.projects.update().values(script=script.model_dump(mode="json"))
        await conn.execute(written)

    kept = await saved(driver, project, narration="这一句改过了。")
    changed = await saved(driver, project, card={"kind": "list", "items": [f"{LONG}。"]})

    assert kept.json()["script"]["scenes"][0]["card"]["items"] == [LONG]
    assert refused(changed, 422, "invalid_request")
