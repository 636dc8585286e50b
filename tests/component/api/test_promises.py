"""What a gateway counts on: repeated requests, limits, deleted and dismissed projects, links."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from support.driving import BASE, Driver, refused
from support.http import parts_of

from api.app import application
from shared.artifacts.store import ArtifactStore
from shared.engines import Engines
from shared.state import RunState, TaskState
from shared.store import tables


def key(value: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": value or str(uuid4())}


async def test_a_refusal_is_replayed_and_opens_nothing_later(driver: Driver) -> None:
    project, once = await driver.created(), key()
    refusal = await driver.post(f"/projects/{project}/production", headers=once)
    await driver.post(f"/projects/{project}/script")
    await driver.work(project, "script")

    again = await driver.post(f"/projects/{project}/production", headers=once)

    assert refused(refusal, 409, "script_missing")
    assert refused(again, 409, "script_missing")
    assert again.headers["idempotency-replayed"] == "true"
    assert (await driver.get(f"/projects/{project}/status"))["status"] == "DRAFT"


async def test_a_refusal_by_the_projects_status_is_kept_like_any_other(driver: Driver) -> None:
    project, once = await driver.with_script(), key()
    early = await driver.post(f"/projects/{project}/complete", headers=once)
    await driver.post(f"/projects/{project}/production")
    await driver.work(project, "voice", "clip", "assembly")

    again = await driver.post(f"/projects/{project}/complete", headers=once)

    assert refused(early, 409, "wrong_status")
    assert refused(again, 409, "wrong_status")
    assert (await driver.get(f"/projects/{project}/status"))["status"] == "EDITING"


async def test_a_replayed_refusal_speaks_the_language_of_whoever_asks(driver: Driver) -> None:
    project, once = await driver.created(), key()
    path = f"/projects/{project}/production"
    await driver.post(path, headers=once)

    again = await driver.post(path, headers={**once, "Accept-Language": "zh-CN,zh;q=0.9"})

    assert (again.json()["title"], again.headers["content-language"]) == ("还没有脚本", "zh-CN")


async def test_a_key_is_forgotten_after_48_hours(driver: Driver) -> None:
    once = key()
    first = await driver.post("/projects", {"topic": "x"}, headers=once)
    async with driver.engine.begin() as conn:
        old = func.now() - text("interval '49 hours'")
        await conn.execute(tables.idempotency_keys.update().values(created_at=old))

    later = await driver.post("/projects", {"topic": "y"}, headers=once)
    replayed = await driver.post("/projects", {"topic": "y"}, headers=once)

    assert later.json()["id"] != first.json()["id"]
    assert replayed.json() == later.json()


async def test_double_clicks_of_two_tabs_with_keys_of_their_own_are_one_run(
    driver: Driver,
) -> None:
    project = await driver.created()
    clicks = [key(f"tab {n % 2}-{n // 2}".replace(" ", "")) for n in range(50)]

    answers = await asyncio.gather(
        *(driver.post(f"/projects/{project}/script", headers=click) for click in clicks)
    )

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["runId"] for answer in answers}) == 1
    async with driver.engine.connect() as conn:
        commands = await conn.execute(select(func.count()).select_from(tables.outbox))
    assert commands.scalar() == 1


@pytest.fixture
async def tight(engine: AsyncEngine, artifacts: ArtifactStore):
    """A user may have two active runs here."""
    app = application(parts_of(engine, artifacts, settings={"max_active_runs": 2}))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Driver(client, engine, artifacts)


async def test_active_runs_above_the_limit_are_refused_even_at_once(tight: Driver) -> None:
    projects = [await tight.created() for _ in range(5)]

    answers = await asyncio.gather(*(tight.post(f"/projects/{p}/script") for p in projects))

    codes = sorted(answer.status_code for answer in answers)
    assert codes == [202, 202, 429, 429, 429]
    late = next(answer for answer in answers if answer.status_code == 429)
    assert refused(late, 429, "too_many_runs")
    assert late.headers["retry-after"]
    assert (await tight.post(f"/projects/{projects[0]}/script", user="bob")).status_code == 404


async def test_what_came_too_early_may_come_again_with_the_same_key(tight: Driver) -> None:
    running = [await tight.created() for _ in range(2)]
    for project in running:
        await tight.post(f"/projects/{project}/script")
    third, once = await tight.created(), key()
    early = await tight.post(f"/projects/{third}/script", headers=once)
    await tight.post(f"/projects/{running[0]}/cancel")

    again = await tight.post(f"/projects/{third}/script", headers=once)

    assert (early.status_code, again.status_code) == (429, 202)


async def test_dismissed_projects_come_back_when_something_new_happens(driver: Driver) -> None:
    first, second = await driver.with_script(), await driver.with_script()

    one = await driver.post("/unfinished/dismiss", {"projectIds": [first]})
    left = [item["id"] for item in await driver.get("/unfinished")]
    rest = await driver.post("/unfinished/dismiss")
    none = await driver.get("/unfinished")
    await driver.post(f"/projects/{first}/production")
    back = [item["id"] for item in await driver.get("/unfinished")]

    assert (one.json(), rest.json()) == ({"count": 1}, {"count": 1})
    assert (left, none, back) == ([second], [], [first])


async def test_a_deleted_project_is_gone_at_once_its_run_with_it_and_can_come_back(
    driver: Driver,
) -> None:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")

    deleted = await driver.call("DELETE", f"/projects/{project}")
    gone = await driver.call("GET", f"/projects/{project}")
    again = await driver.call("DELETE", f"/projects/{project}")
    run = (await driver.held(project)).run
    restored = await driver.post(f"/projects/{project}/restore")

    assert deleted.status_code == 200
    assert run is not None
    assert run.state is RunState.CANCELLED
    assert refused(gone, 404, "project_not_found")
    assert refused(again, 404, "project_not_found")
    assert (restored.status_code, restored.json()["status"]) == (200, "DRAFT")
    assert (await driver.get(f"/projects/{project}/status"))["scriptReady"]
    types = [e["type"] for e in (await driver.get(f"/projects/{project}/timeline"))["items"]]
    assert types[-2:] == ["project.deleted", "project.restored"]


async def test_after_seven_days_nothing_comes_back(driver: Driver) -> None:
    project = await driver.created()
    await driver.call("DELETE", f"/projects/{project}")
    async with driver.engine.begin() as conn:
        past = func.now() - text("interval '7 days 1 minute'")
        await conn.execute(tables.projects.update().values(deleted_at=past))

    assert refused(await driver.post(f"/projects/{project}/restore"), 404, "project_not_found")


async def test_what_comes_for_a_deleted_project_is_only_noted(driver: Driver) -> None:
    project = await driver.created()
    await driver.post(f"/projects/{project}/script")
    held = await driver.held(project)
    await driver.call("DELETE", f"/projects/{project}")

    await driver.work(project, "script")

    assert held.run is not None
    after = await driver.held(project)
    assert not after.project.script_ready
    assert after.run is not None
    assert after.run.tasks[0].state is TaskState.DROPPED


async def test_a_link_plays_without_a_token_until_it_is_over(driver: Driver) -> None:
    project = await driver.with_video(title="雨水花园")
    link = await driver.get(f"/projects/{project}/links/video.mp4")

    played = await driver.client.get(link["url"], headers={"Range": "bytes=0-3"})
    whole = await driver.call("GET", f"/projects/{project}/artifacts/video.mp4")

    assert (played.status_code, played.content) == (206, whole.content[:4])
    assert link["url"].startswith(f"{BASE}/links/")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda url: url.replace("/links/", "/links/x"), id="other letters"),
        pytest.param(lambda url: f"{BASE}/links/e30.e30.e30/video.mp4", id="no signature"),
        pytest.param(lambda url: url.rsplit(".", 2)[0] + ".AAAA/v.mp4", id="another signature"),
    ],
)
async def test_a_spoiled_link_opens_nothing(driver: Driver, spoil: Any) -> None:
    project = await driver.with_video()
    link = await driver.get(f"/projects/{project}/links/video.mp4")

    assert refused(await driver.client.get(spoil(link["url"])), 401, "link_invalid")


async def test_an_old_link_is_over(engine: AsyncEngine, artifacts: ArtifactStore) -> None:
    from api.auth import User
    from api.links import Links

    parts = parts_of(engine, artifacts)
    old = Links(parts.link_secret, ttl_s=-60, prefix=BASE).to(User(id="ann"), uuid4(), "video.mp4")
    transport = httpx.ASGITransport(application(parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert refused(await client.get(old.url), 401, "link_invalid")


async def test_auto_produce_goes_through_to_the_video_by_itself(driver: Driver) -> None:
    project = (await driver.post("/projects", {"article": "雨水。", "autoProduce": True})).json()
    path = f"/projects/{project['id']}"
    first = await driver.get(f"{path}/status")

    same = await driver.post(f"{path}/script")
    await driver.work(project["id"], "script")
    second = await driver.get(f"{path}/status")
    still = await driver.post(f"{path}/script")
    await driver.work(project["id"], "voice", "clip", "assembly")
    third = await driver.get(f"{path}/status")

    assert (first["status"], same.json()["runId"]) == ("GENERATING_SCRIPT", first["runId"])
    assert (second["status"], still.json()["runId"]) == ("GENERATING_AUDIO", second["runId"])
    assert second["runId"] != first["runId"]
    assert (third["status"], third["videoReady"]) == ("EDITING", True)
    async with driver.engine.connect() as conn:
        box = tables.outbox
        told = await conn.execute(
            select(box.c.type).where(box.c.exchange == "video.milestones").order_by(box.c.id)
        )
    assert list(told.scalars()) == ["video.ready.v1"], "nobody waits at the script"


async def test_changed_options_make_the_video_stale_and_are_refused_while_it_is_made(
    driver: Driver,
) -> None:
    project = await driver.with_video()
    path = f"/projects/{project}"

    changed = await driver.call("PATCH", path, json={"aspect": "9:16", "speed": 1.25})
    same = await driver.call("PATCH", path, json={"aspect": "9:16"})
    stale = await driver.get(f"{path}/status")
    await driver.post(f"{path}/production")
    busy = await driver.call("PATCH", path, json={"aspect": "1:1"})
    title = await driver.call("PATCH", path, json={"title": "only the title"})

    assert (changed.json()["aspect"], changed.json()["speed"]) == ("9:16", 1.25)
    assert changed.json()["scriptVersion"] == same.json()["scriptVersion"] == 2
    assert (stale["videoReady"], stale["videoStale"]) == (True, True)
    assert refused(busy, 409, "run_active")
    assert title.json()["title"] == "only the title"


async def test_paying_again_for_an_unknown_outcome_wants_a_word(driver: Driver) -> None:
    project = await driver.created()
    await driver.post(f"/projects/{project}/script")
    await driver.fail(project, "outcome_unknown")

    silent = await driver.post(f"/projects/{project}/retry")
    said = await driver.post(f"/projects/{project}/retry", {"acceptSecondCharge": True})

    assert refused(silent, 409, "charge_unconfirmed")
    assert said.status_code == 202
    run = (await driver.held(project)).run
    assert run is not None
    assert run.authorisation == 1


async def test_an_eta_is_learned_and_a_place_in_the_queue_is_told(
    engine: AsyncEngine, artifacts: ArtifactStore
) -> None:
    def fresh() -> Driver:
        """Another API process, which has not looked into the queue yet."""
        transport = httpx.ASGITransport(application(parts_of(engine, artifacts)))
        return Driver(
            httpx.AsyncClient(transport=transport, base_url="http://localhost"), engine, artifacts
        )

    driver = fresh()
    first, second = await driver.created(), await driver.created()
    for project in (first, second):
        await driver.post(f"/projects/{project}/script")
    unlearned = await fresh().get(f"/projects/{second}/status")
    async with engine.begin() as conn:
        rows = [
            {"stage": "script", "engine": Engines().writer, "weight": 60.0, "work_ms": 1_000 * n}
            for n in range(1, 11)
        ]
        await conn.execute(tables.stage_timings.insert(), rows)
    learned = await fresh().get(f"/projects/{second}/status")
    await driver.start(second)
    started = await fresh().get(f"/projects/{second}/status")

    assert unlearned["etaSeconds"] is None
    assert (unlearned["queuedAhead"], learned["queuedAhead"]) == (1, 1)
    assert learned["etaSeconds"] == {"low": 6, "high": 10}
    assert started["queuedAhead"] is None


@pytest.mark.parametrize(
    ("code", "retryable", "helps"),
    [
        pytest.param("render_failed", True, True, id="a hiccup that stayed"),
        pytest.param("clip_timeout", False, True, id="too slow this time"),
        pytest.param("provider_quota_spent", False, True, id="until somebody pays"),
        pytest.param("provider_key_refused", False, True, id="until the key is mended"),
        pytest.param("provider_rejected", False, True, id="until the model's name is mended"),
        pytest.param("voice_failed", False, False, id="nothing in it that can be spoken"),
        pytest.param("worker_crashed", False, False, id="it crashes whoever tries"),
    ],
)
async def test_a_failure_says_what_failed_and_whether_a_retry_can_help(
    driver: Driver, code: str, *, retryable: bool, helps: bool
) -> None:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    scene = (await driver.get(f"/projects/{project}"))["script"]["scenes"][0]["id"]
    for _ in range(3 if retryable else 1):
        await driver.fail(project, code, retryable=retryable)
        async with driver.engine.begin() as conn:  # ten seconds later
            now = tables.tasks.update().where(tables.tasks.c.state == "ready")
            await conn.execute(now.values(state="dispatched", dispatch=tables.tasks.c.dispatch + 1))

    status = await driver.get(f"/projects/{project}/status")

    assert status["status"] == "FAILED"
    error = status["error"]
    assert (error["code"], error["userCanRetry"]) == (code, helps)
    assert (error["stage"], error["scene"], error["sceneId"]) == ("voice", 1, scene)


async def test_while_a_retry_waits_the_user_is_told_that_it_comes(driver: Driver) -> None:
    project = await driver.created()
    await driver.post(f"/projects/{project}/script")
    await driver.start(project)
    await driver.fail(project, "script_failed", retryable=True)

    status = await driver.get(f"/projects/{project}/status")

    assert status["progressMessage"] == "上一次尝试没有成功，稍后自动重试（第2次）…"


async def test_a_picture_that_was_not_uploaded_by_its_user_is_no_card(driver: Driver) -> None:
    project = await driver.with_script()
    blob = {"path": f"blob/{'0' * 64}.jpg", "size": 1, "media_type": "image/jpeg"}
    card = {"kind": "picture", "picture": blob, "caption": "somebody else's"}

    answer = await driver.call(
        "PUT",
        f"/projects/{project}/script",
        json={"title": "x", "scenes": [{"narration": "x", "card": card}]},
        headers={"If-Match": '"1"'},
    )

    assert refused(answer, 404, "upload_not_found")
