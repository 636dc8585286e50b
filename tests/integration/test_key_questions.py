"""A wrong key is known before a run, by a call that costs nothing."""

from collections.abc import Awaitable, Callable

import pytest
from support.footage_server import footage_server
from support.image_server import image_server
from support.key_questions import MOODS
from support.llm_server import GOOD_KEY, WRONG_KEY, llm_server
from support.visuals import footage_settings, image_settings

from shared.makers import check_footage_key, check_image_key
from shared.provider_key import KeyRefusedError
from shared.runtime.settings import FootageSettings, ImageSettings, WriterSettings
from shared.writers import check_key

AWAY = (
    "http://127.0.0.1:9/v1",
    "http://127.0.0.1:99999/v1",
    "http://no.such.host.invalid/v1",
)


def of_writer(url: str, key: str) -> Awaitable[bool]:
    return check_key(
        WriterSettings(writer="custom", llm_model="m", llm_base_url=url, llm_api_key=key)
    )


def of_pictures(url: str, key: str) -> Awaitable[bool]:
    return check_image_key(image_settings(url, image_api_key=key))


def of_footage(url: str, key: str) -> Awaitable[bool]:
    return check_footage_key(footage_settings(url, footage_api_key=key))


async def test_the_writer_s_no_is_told_and_nothing_is_paid() -> None:
    async with llm_server() as server:
        with pytest.raises(KeyRefusedError) as caught:
            await of_writer(server.url, WRONG_KEY)

        assert await of_writer(server.url, GOOD_KEY)
        assert caught.value.detail == "the provider does not accept LLM_API_KEY"
        assert server.calls == []


async def test_the_picture_maker_s_no_is_told_and_nothing_is_paid() -> None:
    async with image_server() as server:
        with pytest.raises(KeyRefusedError) as caught:
            await of_pictures(server.url, "sk-bad")

        assert await of_pictures(server.url, GOOD_KEY)
        assert caught.value.detail == "the provider does not accept IMAGE_API_KEY"
        assert server.orders == []


async def test_the_footage_maker_s_no_is_told_and_nothing_is_paid() -> None:
    async with footage_server() as server:
        with pytest.raises(KeyRefusedError) as caught:
            await of_footage(server.url, "sk-bad")

        assert await of_footage(server.url, GOOD_KEY)
        assert caught.value.detail == "the provider does not accept FOOTAGE_API_KEY"
        assert (server.orders, server.jobs) == ([], [])


@pytest.mark.parametrize("mood", sorted({*MOODS} - {"silent", "forbidden"}))
async def test_another_answer_says_nothing_about_a_key(mood: str) -> None:
    async with image_server() as pictures, footage_server() as footage:
        pictures.keys.mood = footage.keys.mood = mood

        assert not await of_pictures(pictures.url, "sk-bad")
        assert not await of_footage(footage.url, "sk-bad")


async def test_403_is_about_the_key_where_models_are_listed_and_not_where_a_job_is_asked_for() -> (
    None
):
    async with image_server() as pictures, footage_server() as footage:
        pictures.keys.mood = footage.keys.mood = "forbidden"

        with pytest.raises(KeyRefusedError):
            await of_pictures(pictures.url, GOOD_KEY)
        assert not await of_footage(footage.url, GOOD_KEY)


@pytest.mark.parametrize("ask", [of_writer, of_pictures, of_footage])
@pytest.mark.parametrize("url", AWAY)
async def test_a_provider_that_is_away_says_nothing_about_the_key(
    url: str, ask: Callable[[str, str], Awaitable[bool]]
) -> None:
    assert not await ask(url, GOOD_KEY)


@pytest.mark.parametrize("ask", [of_writer, of_pictures, of_footage])
async def test_a_key_that_no_header_can_hold_is_not_quoted(
    ask: Callable[[str, str], Awaitable[bool]],
) -> None:
    async with image_server() as server:
        assert not await ask(server.url, "sk-two\nlines")


async def test_where_nothing_is_configured_nobody_is_asked() -> None:
    server = "http://127.0.0.1:9/v1"

    assert await check_key(WriterSettings(writer="offline"))
    assert await check_image_key(ImageSettings(image="off"))
    assert await check_image_key(image_settings(server, image_api_key=""))
    assert await check_footage_key(FootageSettings(footage="off"))
