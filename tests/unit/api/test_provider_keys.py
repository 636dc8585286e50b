"""What a provider said of its key is remembered a while; silence says nothing."""

import asyncio

import pytest

from api.errors import RefusedError
from api.provider_keys import REMEMBERED_S, ProviderKey
from shared.provider_key import KeyRefusedError


class Provider:
    """Answers what ``says`` holds, and counts how often it is asked."""

    def __init__(self, says: Exception | str = "taken") -> None:
        self.says = says
        self.asked = 0
        self.now = 1_000.0

    async def ask(self) -> bool:
        self.asked += 1
        if isinstance(self.says, Exception):
            raise self.says
        return self.says == "taken"

    def key(self) -> ProviderKey:
        return ProviderKey(self.ask, clock=lambda: self.now)


@pytest.mark.parametrize(
    ("says", "verdict"),
    [
        pytest.param("taken", "taken", id="a good key"),
        pytest.param("nothing", "unknown", id="a provider that says nothing of the key"),
        pytest.param(TimeoutError(), "unknown", id="a slow provider"),
        pytest.param(KeyRefusedError("LLM_API_KEY"), "refused", id="a wrong key"),
    ],
)
async def test_an_answer_holds_for_a_while_and_is_then_asked_for_again(
    says: Exception | str, verdict: str
) -> None:
    provider = Provider(says)
    key = provider.key()

    await asyncio.gather(*(key.look() for _ in range(20)))
    provider.now += REMEMBERED_S[verdict] - 1
    await key.look()
    remembered = provider.asked
    provider.now += 2
    await key.look()

    assert (remembered, provider.asked) == (1, 2)


async def test_a_refused_key_is_told_until_it_is_taken() -> None:
    provider = Provider(KeyRefusedError("LLM_API_KEY"))
    key = provider.key()

    await key.look()
    with pytest.raises(RefusedError) as caught:
        key.check()
    provider.says = "taken"
    provider.now += REMEMBERED_S["refused"] + 1
    await key.look()
    key.check()

    assert (caught.value.code, caught.value.detail) == ("provider_key_refused", "LLM_API_KEY")


@pytest.mark.parametrize("says", ["taken", "nothing", TimeoutError()])
async def test_only_a_refusal_refuses(says: Exception | str) -> None:
    key = Provider(says).key()
    key.check()

    await key.look()

    key.check()
