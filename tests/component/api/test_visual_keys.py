"""A wrong key of the makers of pictures and footage is told before a run opens that needs them."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from support.driving import Driver, refused
from support.footage_server import FootageServer, footage_server
from support.image_server import ImageServer, image_server
from support.key_questions import MOODS
from support.visuals import KEY, footage_settings, image_settings

from api.provider_keys import ASKING_S

Serve = Callable[..., AbstractAsyncContextManager[Driver]]
WRONG = "sk-wrong-5678"


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """One of the two providers: its server, its settings, and the card that asks for its work."""

    server: ImageServer | FootageServer
    kind: str

    @property
    def card(self) -> dict[str, Any]:
        card = "picture" if self.kind == "image" else "footage"
        return {"kind": card, "prompt": "雨后的公园"}

    def settings(self, key: str, url: str = "") -> dict[str, Any]:
        url = url or self.server.url
        if self.kind == "image":
            return {"image": image_settings(url, image_api_key=key)}
        return {"footage": footage_settings(url, footage_api_key=key)}


@pytest_asyncio.fixture(params=["image", "footage"])
async def maker(request: pytest.FixtureRequest) -> AsyncIterator[Maker]:
    serving = image_server if request.param == "image" else footage_server
    async with serving() as server:
        yield Maker(server=server, kind=request.param)


async def asking(driver: Driver, *cards: dict[str, Any]) -> str:
    project = await driver.with_script()
    await put(driver, project, *cards)
    return project


async def put(driver: Driver, project: str, *cards: dict[str, Any]) -> None:
    version = (await driver.get(f"/projects/{project}"))["scriptVersion"]
    scenes = [{"narration": f"第{n}段。", "card": card} for n, card in enumerate(cards)]
    body = {"title": "海绵城市", "scenes": scenes}
    headers = {"If-Match": f'"{version}"'}
    answer = await driver.call("PUT", f"/projects/{project}/script", json=body, headers=headers)
    assert answer.status_code == 200, answer.text


async def produced(driver: Driver, project: str) -> int:
    return (await driver.post(f"/projects/{project}/production")).status_code


async def test_a_wrong_key_is_told_and_no_run_opens(serve: Serve, maker: Maker) -> None:
    async with serve(**maker.settings(WRONG)) as driver:
        project = await asking(driver, {"kind": "title"}, maker.card)
        before = await driver.rows("runs", "tasks", "outbox")

        answer = await driver.post(f"/projects/{project}/production")

        assert refused(answer, 409, "provider_key_refused")
        assert f"{maker.kind.upper()}_API_KEY" in answer.json()["detail"]
        assert WRONG not in answer.text
        assert await driver.rows("runs", "tasks", "outbox") == before
        assert (maker.server.orders, maker.server.keys.asked) == ([], 1)


async def test_a_good_key_opens_runs_and_orders_nothing(serve: Serve, maker: Maker) -> None:
    async with serve(**maker.settings(KEY)) as driver:
        project = await asking(driver, maker.card)

        assert await produced(driver, project) == 202
        assert (maker.server.orders, maker.server.keys.asked) == ([], 1)


async def test_a_script_that_asks_for_nothing_is_made_without_asking_about_the_key(
    serve: Serve, maker: Maker
) -> None:
    async with serve(**maker.settings(WRONG)) as driver:
        await driver.with_video()
        at_once = await driver.post("/projects", {"topic": "海绵城市", "autoProduce": True})

        assert at_once.status_code == 201
        assert maker.server.keys.asked == 0


async def test_the_key_of_the_one_maker_does_not_stop_what_needs_the_other(serve: Serve) -> None:
    async with image_server() as pictures, footage_server() as footage:
        image, film = Maker(server=pictures, kind="image"), Maker(server=footage, kind="footage")
        async with serve(**image.settings(KEY), **film.settings(WRONG)) as driver:
            project = await asking(driver, image.card)

            assert await produced(driver, project) == 202
            assert (pictures.keys.asked, footage.keys.asked) == (1, 0)


async def test_a_key_that_went_bad_stops_no_retry_that_finds_everything_made(
    serve: Serve, maker: Maker
) -> None:
    async with serve(**maker.settings(KEY)) as earlier:
        project = await asking(earlier, maker.card)
        await produced(earlier, project)
        await earlier.work(project, "visual")
        await earlier.fail(project, "voice_failed")

    async with serve(**maker.settings(WRONG)) as driver:
        assert (await driver.post(f"/projects/{project}/retry")).status_code == 202
        assert maker.server.keys.asked == 1


async def test_a_key_that_went_bad_is_told_before_a_retry_that_has_to_make_it(
    serve: Serve, maker: Maker
) -> None:
    async with serve(**maker.settings(KEY)) as earlier:
        project = await asking(earlier, maker.card)
        await produced(earlier, project)
        await earlier.fail(project, "voice_failed")
        before = await earlier.rows("runs", "tasks", "outbox")

    async with serve(**maker.settings(WRONG)) as driver:
        retry = await driver.post(f"/projects/{project}/retry")

        assert refused(retry, 409, "provider_key_refused")
        assert await driver.rows("runs", "tasks", "outbox") == before


async def test_a_key_that_went_bad_is_told_when_an_edit_asks_for_another_one(
    serve: Serve, maker: Maker
) -> None:
    async with serve(**maker.settings(KEY)) as earlier:
        project = await asking(earlier, maker.card)
        await produced(earlier, project)
        await earlier.work(project, "voice", "visual", "clip", "assembly")

    async with serve(**maker.settings(WRONG)) as driver:
        await put(driver, project, {**maker.card, "caption": "湿地"})
        same = await produced(driver, project)
        await driver.work(project, "clip", "assembly")
        await put(driver, project, {**maker.card, "take": 1})
        another = await driver.post(f"/projects/{project}/production")

        assert same == 202
        assert refused(another, 409, "provider_key_refused")


@pytest.mark.parametrize("mood", sorted({*MOODS} - {"silent", "forbidden"}))
async def test_any_other_answer_stops_nobody(serve: Serve, maker: Maker, mood: str) -> None:
    maker.server.keys.mood = mood

    async with serve(**maker.settings(WRONG)) as driver:
        assert await produced(driver, await asking(driver, maker.card)) == 202


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "http://127.0.0.1:99999/v1"])
async def test_a_maker_that_is_away_stops_nobody(serve: Serve, maker: Maker, url: str) -> None:
    async with serve(**maker.settings(KEY, url)) as driver:
        assert await produced(driver, await asking(driver, maker.card)) == 202


async def test_a_maker_that_does_not_answer_is_waited_for_two_seconds_and_once(
    serve: Serve, maker: Maker
) -> None:
    maker.server.keys.mood = "silent"
    async with serve(**maker.settings(WRONG)) as driver:
        one, two = [await asking(driver, maker.card) for _ in range(2)]

        began = time.monotonic()
        first = await produced(driver, one)
        took = time.monotonic() - began
        second = await produced(driver, two)

    assert (first, second, maker.server.keys.asked) == (202, 202, 1)
    assert ASKING_S <= took < 5, "a probe left alone gives up after five"
