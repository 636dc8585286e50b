"""A wrong key is known before a run, by a call that costs nothing."""

import pytest
from support.llm_server import GOOD_KEY, WRONG_KEY, llm_server

from shared.runtime.settings import WriterSettings
from shared.writers import WriterKeyRefusedError, check_key


def settings(url: str, key: str) -> WriterSettings:
    return WriterSettings(writer="custom", llm_model="m", llm_base_url=url, llm_api_key=key)


async def test_the_provider_s_no_is_told_and_nothing_is_paid() -> None:
    async with llm_server() as server:
        with pytest.raises(WriterKeyRefusedError) as caught:
            await check_key(settings(server.url, WRONG_KEY))
        await check_key(settings(server.url, GOOD_KEY))

        assert caught.value.code == "provider_key_refused"
        assert WRONG_KEY not in caught.value.detail
        assert server.calls == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "http://no.such.host.invalid/v1"])
async def test_a_provider_that_is_away_says_nothing_about_the_key(url: str) -> None:
    await check_key(settings(url, GOOD_KEY))
