"""How many good tokens are remembered."""

import pytest
from support.tokens import AUDIENCE, ISSUER, SECRET, signed

from api.keyring import Keyring, secret_keys
from api.tokens import TokenUsers


@pytest.mark.parametrize(("kept", "remembered"), [(0, 0), (2, 2), (10, 3)])
async def test_so_many_are_kept_and_all_are_good(kept: int, remembered: int) -> None:
    keys = Keyring(secret_keys(SECRET, "HS256"))
    users = TokenUsers(keys, issuer=ISSUER, audience=AUDIENCE, kept=kept)
    tokens = [signed(sub=name) for name in ("ann", "bob", "eve")]

    for _ in range(2):
        assert [(await users.owner_of(one)).id for one in tokens] == ["ann", "bob", "eve"]

    assert len(users._checked) == remembered
