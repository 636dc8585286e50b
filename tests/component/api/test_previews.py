"""Previews of scenes and samples of voices over HTTP; the test answers in the workers' place."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select, update
from support.building import a_manifest
from support.driving import BASE, Driver, refused, told
from support.http import parts_of

from api.app import application
from projector.housekeeping import Housekeeping
from shared.asking import visual_wanted
from shared.engines import EDGE_VOICE, KOKORO_VOICE, OPENAI_VOICE, Engines
from shared.messages.asides import PreviewScene, SampleVoice
from shared.messaging.topology import ASIDES_QUEUE
from shared.store import tables

KINDS: dict[str, Any] = {"scene.preview.v1": PreviewScene, "voice.sample.v1": SampleVoice}


async def asked(driver: Driver) -> list[Any]:
    """Every aside that went out, oldest first."""
    box = tables.outbox
    query = select(box).where(box.c.routing_key == ASIDES_QUEUE).order_by(box.c.id)
    async with driver.engine.connect() as conn:
        rows = (await conn.execute(query)).mappings().all()
    assert all(row["run_id"] is None for row in rows)
    return [KINDS[row["type"]].model_validate_json(bytes(row["body"])) for row in rows]


async def make(driver: Driver, command: Any) -> bytes:
    """As a worker: the artifact's bytes, and its manifest last."""
    body = f"made of {command.key}".encode()
    blob = await driver.artifacts.put_bytes(body, ".bin", "test/preview")
    roles = dict.fromkeys(("video", "still", "audio"), blob)
    await driver.artifacts.commit(a_manifest(command.key, blobs=roles))
    return body


async def place_of(driver: Driver, project: str, number: int = 0) -> str:
    view = await driver.get(f"/projects/{project}")
    return f"/projects/{project}/scenes/{view['script']['scenes'][number]['id']}/preview"


async def of_a_scene(driver: Driver, number: int = 0) -> str:
    return await place_of(driver, await driver.with_script(), number)


def with_voice(driver: Driver, voice: str) -> Driver:
    """The same, but new runs pin another voice."""
    app = application(parts_of(driver.engine, driver.artifacts, engines=Engines(voice=voice)))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")
    return Driver(client, driver.engine, driver.artifacts)


async def test_a_preview_is_asked_for_once_and_fetched_when_it_is_there(driver: Driver) -> None:
    project = await driver.with_script()
    place = await place_of(driver, project)
    status = await driver.get(f"/projects/{project}/status")
    first, again = await driver.post(place), await driver.post(place)
    [command] = await asked(driver)
    making = await driver.call("GET", place)

    body = await make(driver, command)
    ready = await driver.call("GET", place)

    for answer in (first, again, making):
        assert (answer.status_code, answer.headers["location"]) == (202, BASE + place)
        assert (answer.json()["state"], answer.json()["pollAfterMs"]) == ("making", 1_000)
    assert (ready.status_code, ready.json()["state"]) == (200, "ready")
    assert (await driver.post(place)).status_code == 200
    for link in ("clip", "still"):
        url = ready.json()[link]["url"]
        assert (await driver.client.get(url)).content == body
    assert (await driver.get(f"/projects/{project}/status")) == status, "no run, no cost"
    assert len(await asked(driver)) == 1


async def test_a_get_waits_until_the_preview_is_there(driver: Driver) -> None:
    place = await of_a_scene(driver)
    await driver.post(place)
    [command] = await asked(driver)
    waiting = asyncio.create_task(driver.call("GET", f"{place}?wait=20"))

    await make(driver, command)

    answer = await asyncio.wait_for(waiting, 10)
    assert answer.status_code == 200


async def test_what_could_not_be_made_says_why_until_it_is_asked_for_again(driver: Driver) -> None:
    place = await of_a_scene(driver)
    await driver.post(place)
    [command] = await asked(driver)

    await driver.artifacts.mark_failed(command.meta.message_id, "picture_unreadable", "no JPEG")

    answer = await driver.call("GET", place, headers={"accept-language": "zh"})
    assert refused(answer, 409, "preview_failed")
    assert answer.json()["reason"] == "picture_unreadable"
    assert "图片" in answer.json()["detail"]
    assert (await driver.post(place)).status_code == 202
    other = (await asked(driver))[1]
    assert (other.key, other.meta.message_id != command.meta.message_id) == (command.key, True)
    assert (await driver.call("GET", place)).status_code == 202


async def test_what_no_worker_has_made_in_two_minutes_is_lost_and_may_be_asked_again(
    driver: Driver,
) -> None:
    place = await of_a_scene(driver)
    await driver.post(place)
    await grow_older(driver, timedelta(minutes=3))

    answer = await driver.call("GET", place)

    assert refused(answer, 409, "preview_failed")
    assert answer.json()["reason"] == "preview_lost"
    assert (await driver.post(place)).status_code == 202


async def grow_older(driver: Driver, by: timedelta) -> None:
    async with driver.engine.begin() as conn:
        await conn.execute(update(tables.asides).values(asked_at=func.now() - by))


async def test_a_user_has_four_under_way_and_another_when_one_is_done(driver: Driver) -> None:
    project = await driver.with_script()
    places = [await place_of(driver, project, number) for number in range(3)]
    places += [f"/voices/default/sample?n={number}" for number in range(2)]
    speeds: list[dict[str, Any]] = [{}, {}, {}, {"speed": 1.5}, {"speed": 0.5}]

    answers = [await driver.post(*one) for one in zip(places, speeds, strict=True)]

    assert [answer.status_code for answer in answers[:4]] == [202] * 4
    assert refused(answers[4], 429, "too_many_previews")
    assert (await driver.post(places[0])).status_code == 202, "the same is not another one"
    assert (await driver.post("/voices/default/sample", user="bob")).status_code == 202
    await make(driver, (await asked(driver))[0])
    assert (await driver.post(places[4], speeds[4])).status_code == 202


async def test_many_simultaneous_orders_are_one_question(driver: Driver) -> None:
    place = await of_a_scene(driver)

    answers = await asyncio.gather(*(driver.post(place) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {202}
    assert len(await asked(driver)) == 1


async def test_a_changed_scene_has_no_preview_yet(driver: Driver) -> None:
    project = await driver.with_script()
    place = await place_of(driver, project)
    await driver.post(place)
    await make(driver, (await asked(driver))[0])

    await driver.edited(project, 0, "这一句改过了。")

    assert refused(await driver.call("GET", place), 404, "preview_not_found")
    assert (await driver.post(place)).status_code == 202
    assert [c.narration for c in await asked(driver)][1] == "这一句改过了。"


async def test_what_is_not_there_has_no_preview(driver: Driver) -> None:
    draft = await driver.created()
    project = await driver.with_script()
    scene = UUID(int=5)
    places = {
        "no script": f"/projects/{draft}/scenes/{scene}/preview",
        "no scene": f"/projects/{project}/scenes/{scene}/preview",
        "no project": f"/projects/{scene}/scenes/{scene}/preview",
    }

    answers = {said: await driver.post(place) for said, place in places.items()}

    assert told(answers) == {
        "no script": (409, "script_missing"),
        "no scene": (404, "scene_not_found"),
        "no project": (404, "project_not_found"),
    }
    assert await asked(driver) == []


async def test_the_same_key_is_answered_as_the_first_time(driver: Driver) -> None:
    place = await of_a_scene(driver)
    key = {"Idempotency-Key": "one"}
    first = await driver.post(place, headers=key)
    await make(driver, (await asked(driver))[0])

    again = await driver.post(place, headers=key)

    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]


@pytest.mark.parametrize("voice", [EDGE_VOICE, OPENAI_VOICE])
async def test_a_voice_beyond_the_network_is_only_heard_where_it_was_recorded(
    driver: Driver, voice: str
) -> None:
    paid = with_voice(driver, voice)
    project = await paid.with_script()
    place = await place_of(paid, project)
    before = await paid.post(place)
    await paid.post(f"/projects/{project}/production")
    await paid.work(project, "voice")

    after = await paid.post(place)

    assert (before.json()["voiced"], after.json()["voiced"]) == (False, True)
    silent, heard = await asked(paid)
    assert silent.voice is None
    assert await paid.artifacts.find(heard.voice.key) is not None


async def test_a_generated_picture_is_shown_once_it_was_made(driver: Driver) -> None:
    engines = Engines(image="image-1:example/wall")
    app = application(parts_of(driver.engine, driver.artifacts, engines=engines))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")
    drawing = Driver(client, driver.engine, driver.artifacts)
    project = await driver.with_script()
    place = await place_of(driver, project)
    view = await driver.get(f"/projects/{project}")
    view["script"]["scenes"][0]["card"] = {"kind": "picture", "prompt": "一面红墙"}
    await drawing.call(
        "PUT",
        f"/projects/{project}/script",
        json={"title": view["script"]["title"], "scenes": view["script"]["scenes"]},
        headers={"If-Match": f'"{view["scriptVersion"]}"'},
    )
    await drawing.post(place)
    held = await driver.held(project)
    assert held.project.script is not None
    key = visual_wanted(held.project, held.project.script.scenes[0], engines)
    assert key is not None
    picture = await driver.artifacts.put_bytes(b"a wall", ".png", "image/png")
    await driver.artifacts.commit(a_manifest(key, blobs={"image": picture}))

    answer = await drawing.post(place)

    before, after = await asked(driver)
    assert (before.visual, after.visual) == (None, picture)
    assert answer.status_code == 202, "what was made before shows no picture"
    await client.aclose()


async def test_a_sample_is_of_the_voice_the_language_and_the_speed(driver: Driver) -> None:
    neural = with_voice(driver, KOKORO_VOICE)
    first = await neural.post("/voices/af_heart/sample", {"speed": 1.2})
    [command] = await asked(neural)
    body = await make(neural, command)

    ready = await neural.get(first.headers["location"].removeprefix(BASE))

    assert (command.speaker, command.meta.language, command.speed) == ("af_heart", "en", 1.2)
    assert command.text == ready["text"] == "Hello, I'm Heart. In 2026, I can narrate your video."
    assert (await neural.client.get(ready["audio"]["url"])).content == body
    english = await driver.post("/voices/default/sample", {"language": "en"})
    assert english.json()["text"].startswith("Hello")


async def test_samples_that_cannot_be_are_refused(driver: Driver) -> None:
    paid = with_voice(driver, OPENAI_VOICE)
    answers = {
        "unknown": await driver.post("/voices/zf_xiaoxiao/sample"),
        "costs": await paid.post("/voices/nova/sample"),
        "too fast": await driver.post("/voices/default/sample", {"speed": 3}),
        "not asked": await driver.call("GET", "/voices/default/sample"),
    }

    assert told(answers) == {
        "unknown": (404, "voice_not_found"),
        "costs": (409, "sample_costs"),
        "too fast": (422, "invalid_request"),
        "not asked": (404, "preview_not_found"),
    }
    voices = (await paid.get("/options"))["voices"]
    assert {voice["sample"] for voice in voices} == {False}
    assert {voice["sample"] for voice in (await driver.get("/options"))["voices"]} == {True}


async def test_a_preview_belongs_to_its_project_and_its_user(driver: Driver) -> None:
    project = await driver.with_script()
    place = await place_of(driver, project)
    await driver.post(place)
    [command] = await asked(driver)
    await make(driver, command)
    await driver.get(place)
    name = f"artifacts/{command.key.replace('preview', 'previews')}.mp4"
    own = await driver.created()
    bobs = (await driver.post("/projects", {"topic": "x"}, user="bob")).json()["projectId"]

    answers = {
        "ann's other": await driver.call("GET", f"/projects/{own}/{name}"),
        "bob's": await driver.call("GET", f"/projects/{bobs}/{name}", user="bob"),
    }

    assert (await driver.call("GET", f"/projects/{project}/{name}")).status_code == 200
    assert set(told(answers).values()) == {(404, "artifact_not_found")}


async def test_a_deleted_project_shows_its_previews_no_more(driver: Driver) -> None:
    project = await driver.with_script()
    place = await place_of(driver, project)
    await driver.post(place)
    await make(driver, (await asked(driver))[0])
    link = (await driver.get(place))["clip"]["url"]

    await driver.call("DELETE", f"/projects/{project}")

    assert refused(await driver.client.get(link), 404, "project_not_found")


async def test_previews_are_forgotten_after_a_day(driver: Driver) -> None:
    place = await of_a_scene(driver)
    await driver.post(place)
    await make(driver, (await asked(driver))[0])
    await grow_older(driver, timedelta(hours=25))

    await Housekeeping(driver.engine).tidy()

    assert refused(await driver.call("GET", place), 404, "preview_not_found")
    assert (await driver.post(place)).status_code == 200, "as long as its file is there"
