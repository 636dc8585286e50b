"""Generated pictures and footage over HTTP: asked for by a card, refused in time, shown."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select
from support.building import failed, result, task_of
from support.driving import Driver, refused
from support.http import parts_of
from support.uploading import JPEG, a_picture, taken

from api.app import application
from api.main import engines_of
from shared.engines import Engines
from shared.runtime.settings import FootageSettings, ImageSettings, VoiceSettings, WriterSettings
from shared.store import tables

ASKED = {"kind": "picture", "prompt": "雨后的公园", "caption": "湿地"}
FILMED = {"kind": "footage", "prompt": "雨后的公园", "caption": "湿地"}

NOTHING: Any = {"_env_file": None}
ENGINES = Engines(image="image-1:openai/m", footage="footage-1:dashscope/m")


@pytest.fixture
async def makers(driver: Driver) -> Any:
    """The same projects, by an API that has an image generator."""
    parts = parts_of(driver.engine, driver.artifacts, engines=ENGINES)
    transport = httpx.ASGITransport(application(parts), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Driver(client, driver.engine, driver.artifacts)


async def put(driver: Driver, project: str, *cards: Any, version: int = 1) -> httpx.Response:
    scenes = [{"narration": f"第{n}段。", "card": card} for n, card in enumerate(cards)]
    return await driver.call(
        "PUT",
        f"/projects/{project}/script",
        json={"title": "x", "scenes": scenes},
        headers={"If-Match": f'"{version}"'},
    )


async def asking(driver: Driver, *cards: Any) -> str:
    project = await driver.with_script()
    answer = await put(driver, project, *(cards or (ASKED,)))
    assert answer.status_code == 200, answer.text
    return project


@pytest.mark.parametrize(
    ("card", "code"),
    [
        pytest.param(ASKED, "image_not_configured", id="a picture"),
        pytest.param(FILMED, "footage_not_configured", id="footage"),
    ],
)
async def test_a_script_that_asks_is_refused_before_a_run_where_nobody_makes_it(
    driver: Driver, card: dict[str, str], code: str
) -> None:
    project = await asking(driver, {"kind": "title"}, card)

    answer = await driver.post(f"/projects/{project}/production")

    assert refused(answer, 409, code)
    assert (await driver.get(f"/projects/{project}/status"))["status"] == "DRAFT"
    assert (await driver.get("/options"))["visuals"] == []


async def test_the_wish_and_its_take_are_kept_with_the_script(driver: Driver) -> None:
    project = await asking(driver, {**ASKED, "take": 2}, ASKED)

    scenes = (await driver.get(f"/projects/{project}"))["script"]["scenes"]

    assert [scene["card"]["take"] for scene in scenes] == [2, 0]
    assert {scene["card"]["prompt"] for scene in scenes} == {ASKED["prompt"]}
    for wrong in ({"frame": "half"}, {"ending": "fade"}, {"picture": "upload:x"}):
        answer = await put(driver, project, {**FILMED, **wrong}, version=2)
        assert refused(answer, 422, "invalid_request")
    for wrong in ({"prompt": "x" * 1_001}, {"take": -1}, {"take": True}, {"engine": "mine"}):
        answer = await put(driver, project, {**ASKED, **wrong}, version=2)
        assert refused(answer, 422, "invalid_request")


async def test_a_whole_number_is_taken_however_json_writes_it(driver: Driver) -> None:
    upload = await taken(driver, a_picture("JPEG"))
    named = {**ASKED, "picture": f"upload:{upload['id']}", "take": 2.0}
    project = await asking(driver, {**FILMED, "take": 1.0}, named)
    [film, shown] = (await driver.get(f"/projects/{project}"))["script"]["scenes"]

    picture = {**shown["card"]["picture"], "size": float(shown["card"]["picture"]["size"])}
    again = await put(
        driver, project, film["card"], {**shown["card"], "picture": picture}, version=2
    )

    assert (film["card"]["take"], shown["card"]["take"]) == (1, 2)
    assert again.status_code == 200, again.text


async def test_an_upload_goes_before_the_prompt_that_stays_beside_it(driver: Driver) -> None:
    upload = await taken(driver, a_picture("JPEG"))
    project = await asking(driver, {**ASKED, "picture": f"upload:{upload['id']}", "take": 1})

    answer = await driver.post(f"/projects/{project}/production")

    [scene] = (await driver.get(f"/projects/{project}"))["script"]["scenes"]
    assert answer.status_code == 202
    assert scene["card"]["picture"]["media_type"] == JPEG
    assert (scene["card"]["prompt"], scene["card"]["take"]) == (ASKED["prompt"], 1)


async def test_the_stage_is_shown_where_there_is_one_and_only_there(makers: Driver) -> None:
    project = await asking(makers, FILMED, {"kind": "title"})
    assert (await makers.get("/options"))["visuals"] == ["image", "footage"]

    await makers.post(f"/projects/{project}/production")
    await makers.work(project, "voice")
    half = await makers.get(f"/projects/{project}/status")
    await makers.work(project, "visual", "clip", "assembly")
    whole = await makers.get(f"/projects/{project}/status")

    stages = {stage["stage"]: (stage["done"], stage["total"]) for stage in half["stages"]}
    assert stages == {"voice": (2, 2), "visual": (0, 1), "clip": (0, 2), "assembly": (0, 1)}
    assert [scene["visual"] and scene["visual"]["state"] for scene in half["scenes"]] == [
        "dispatched",
        None,
    ]
    assert whole["status"] == "EDITING"
    timeline = (await makers.get(f"/projects/{project}/timeline"))["items"]
    assert "visual" in {line["stage"] for line in timeline}


async def test_a_run_without_wishes_is_shown_as_before(makers: Driver) -> None:
    project = await makers.with_video()

    status = await makers.get(f"/projects/{project}/status")

    assert [stage["stage"] for stage in status["stages"]] == ["voice", "clip", "assembly"]
    assert {scene["visual"] for scene in status["scenes"]} == {None}


async def test_another_one_makes_that_scenes_picture_again_and_nothing_else(
    makers: Driver,
) -> None:
    project = await asking(makers, ASKED, ASKED | {"prompt": "夜里的公园"})
    await makers.post(f"/projects/{project}/production")
    await makers.work(project, "voice", "visual", "clip", "assembly")
    edited = await put(
        makers, project, ASKED | {"take": 1}, ASKED | {"prompt": "夜里的公园"}, version=2
    )

    run = (await makers.post(f"/projects/{project}/production")).json()

    assert edited.status_code == 200
    assert (run["toMake"], run["reused"]) == (1, 1)
    status = await makers.get(f"/projects/{project}/status")
    reused = {stage["stage"]: stage["reused"] for stage in status["stages"]}
    assert (reused["voice"], reused["visual"]) == (2, 1)


async def test_a_retry_finds_the_picture_that_was_paid_for(makers: Driver) -> None:
    project = await asking(makers)
    await makers.post(f"/projects/{project}/production")
    await makers.work(project, "visual")
    await makers.fail(project, "voice_failed")

    await makers.post(f"/projects/{project}/retry")

    status = await makers.get(f"/projects/{project}/status")
    [visual] = [stage for stage in status["stages"] if stage["stage"] == "visual"]
    assert (visual["reused"], visual["percent"]) == (1, 100)


async def test_footage_that_ends_after_the_cancel_is_told_with_its_charge_and_cost(
    makers: Driver,
) -> None:
    project = await asking(makers, FILMED, {**FILMED, "take": 1})
    await makers.post(f"/projects/{project}/production")
    held = await makers.held(project)
    assert held.run is not None
    running, queued = (task_of(held.run, "visual", position) for position in range(2))
    await makers.post(f"/projects/{project}/cancel")
    cost = {"videos": 1.0, "seconds": 5.0}
    made = await kept(makers, result(held.project, held.run, running), cost)
    taken_out = failed(held.project, held.run, queued, code="run_cancelled", retryable=False)

    await makers.state(project, made, taken_out.model_copy(update={"charge": "not charged"}))

    lines = (await makers.get(f"/projects/{project}/timeline"))["items"]
    first, second = [line["afterClose"] for line in lines if line["stage"] == "visual"]
    assert first == {"outcome": "finished_anyway", "code": None, "charge": "charged", "cost": cost}
    assert (second["outcome"], second["code"]) == ("stopped", "run_cancelled")
    assert (second["charge"], second["cost"]) == ("not charged", None)
    assert (await makers.get(f"/projects/{project}/status"))["status"] == "DRAFT"
    await makers.post(f"/projects/{project}/production")
    stages = (await makers.get(f"/projects/{project}/status"))["stages"]
    [visuals] = [stage for stage in stages if stage["stage"] == "visual"]
    assert visuals["reused"] == 1, "what was paid for after the cancel is not bought again"


async def kept(driver: Driver, made: Any, cost: dict[str, float]) -> Any:
    """The fact of a worker that stored what it made and says what it cost."""
    blob = await driver.artifacts.put_bytes(b"film", ".mp4", "video/mp4")
    manifest = made.manifest.model_copy(update={"cost": cost, "blobs": {"video": blob}})
    return made.model_copy(update={"manifest": await driver.artifacts.commit(manifest)})


async def test_a_call_whose_end_is_unknown_is_only_made_again_when_the_user_says_so(
    makers: Driver,
) -> None:
    project = await asking(makers)
    await makers.post(f"/projects/{project}/production")
    await makers.work(project, "voice")
    await makers.fail(project, "outcome_unknown")

    unsaid = await makers.post(f"/projects/{project}/retry")
    said = await makers.post(f"/projects/{project}/retry", {"acceptSecondCharge": True})

    assert refused(unsaid, 409, "charge_unconfirmed")
    assert said.status_code == 202
    async with makers.engine.connect() as conn:
        rows = select(tables.outbox.c.body).where(tables.outbox.c.type == "visual.make.v1")
        bodies = list((await conn.execute(rows.order_by(tables.outbox.c.id))).scalars())
    assert [b'"authorisation":1' in bytes(body).replace(b" ", b"") for body in bodies] == [
        False,
        True,
    ]


def pinned(**changes: Any) -> Engines:
    """What an API with these settings pins."""
    settings = {"image": ImageSettings(**NOTHING), "footage": FootageSettings(**NOTHING), **changes}
    return engines_of(
        WriterSettings(**NOTHING), VoiceSettings(**NOTHING, voice="espeak"), **settings
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        pytest.param({"image": "openai", "image_model": "m"}, "IMAGE_API_KEY", id="no key"),
        pytest.param({"image": "openai", "image_api_key": "k"}, "IMAGE_MODEL", id="no model"),
        pytest.param({"image": "custom", "image_model": "m"}, "IMAGE_BASE_URL", id="no address"),
        pytest.param(
            {"image": "custom", "image_model": "m", "image_base_url": "ftp://x"},
            "IMAGE_BASE_URL",
            id="a wrong address",
        ),
    ],
)
def test_a_setting_that_is_missing_ends_the_start_by_its_name(
    values: dict[str, str], said: str
) -> None:
    image = ImageSettings(**NOTHING, **values)

    with pytest.raises(SystemExit, match=f"image_not_configured.*{said}"):
        pinned(image=image)


def test_the_maker_is_pinned_by_provider_and_model() -> None:
    own = {"image": "custom", "image_model": "m", "image_base_url": "http://me:pw@10.0.0.1:8000/v1"}
    for values, engine in (
        ({}, ""),
        ({"image": "openai", "image_model": "m", "image_api_key": "k"}, "image-1:openai/m"),
        (own, "image-1:10.0.0.1:8000/m"),
    ):
        image = ImageSettings(**NOTHING, **values)
        assert pinned(image=image).image == engine


@pytest.mark.parametrize(
    ("values", "said"),
    [
        pytest.param({"footage_model": "m"}, "FOOTAGE_API_KEY", id="no key"),
        pytest.param({"footage_api_key": "k"}, "FOOTAGE_MODEL", id="no model"),
        pytest.param(
            {"footage_model": "m", "footage_api_key": "k", "footage_base_url": "ftp://x"},
            "FOOTAGE_BASE_URL",
            id="a wrong address",
        ),
    ],
)
def test_a_setting_of_footage_that_is_missing_ends_the_start_by_its_name(
    values: dict[str, str], said: str
) -> None:
    footage = FootageSettings(**NOTHING, footage="dashscope", **values)

    with pytest.raises(SystemExit, match=f"footage_not_configured.*{said}"):
        pinned(footage=footage)


def test_the_footage_maker_is_pinned_by_provider_and_model() -> None:
    usual = {"footage": "dashscope", "footage_model": "m", "footage_api_key": "k"}
    other = {**usual, "footage_base_url": "https://intl.example/api/v1"}
    for values, engine in (
        ({}, ""),
        (usual, "footage-1:dashscope/m"),
        (other, "footage-1:intl.example/m"),
    ):
        assert pinned(footage=FootageSettings(**NOTHING, **values)).footage == engine
