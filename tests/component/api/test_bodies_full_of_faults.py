"""Bodies that are within the limit and full of faults: refused early, and in few words."""

from typing import Any
from uuid import uuid4

import pytest
from support.driving import Driver, refused

MANY = {f"n{number}": 1 for number in range(60_000)}
SCENE = {"narration": "雨水渗入地下。"}
QUOTE = {"kind": "quote", "text": "a"}
BAR = {"label": "a", "value": 1}


def a_script(**scene: Any) -> dict[str, Any]:
    return {"title": "a", "scenes": [{**SCENE, **scene}]}


SCRIPTS = {
    "a script": {**a_script(), **MANY},
    "a scene": a_script(**MANY),
    "a card": a_script(card={**QUOTE, **MANY}),
    "a part of a card": a_script(card={"kind": "bars", "bars": [{**BAR, **MANY}]}),
    "a card's items": a_script(card={"kind": "list", "items": [1] * 60_000}),
    "an uploaded picture": a_script(
        card={"kind": "picture", "picture": f"upload:{uuid4()}", **MANY}
    ),
}


@pytest.mark.parametrize("said", SCRIPTS)
async def test_ever_so_many_unknown_names_or_wrong_items_are_one_fault(
    driver: Driver, said: str
) -> None:
    project = await driver.created()

    answer = await driver.call(
        "PUT", f"/projects/{project}/script", json=SCRIPTS[said], headers={"If-Match": '"0"'}
    )

    assert refused(answer, 422, "invalid_request")
    [fault] = answer.json()["errors"]
    assert "at most 100" in fault["message"]


async def test_the_first_twenty_faults_are_told(driver: Driver) -> None:
    body = {"topic": "a", **dict(list(MANY.items())[:60])}

    answer = await driver.post("/projects", body)

    assert refused(answer, 422, "invalid_request")
    assert len(answer.json()["errors"]) == 20
