"""Who is let in behind a gateway: every trick with a token gets the same 401."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy.ext.asyncio import AsyncEngine
from support.driving import BASE, refused
from support.events import following
from support.http import parts_of, served
from support.tokens import AUDIENCE, EC_KEY, ISSUER, RSA_KEY, SECRET, bearer, jwk, raw, signed
from support.waiting import eventually

from api.app import application
from api.errors import RefusedError
from api.keyring import Key, Keyring, Load, fetched_keys, file_keys, keys_of, secret_keys
from api.settings import AuthSettings
from api.token import token
from api.tokens import TokenUsers, users_of
from shared.artifacts.store import ArtifactStore

PUBLIC = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
Make = Callable[[Load], httpx.AsyncClient]


@pytest.fixture
def gateway(engine: AsyncEngine, artifacts: ArtifactStore) -> Make:
    """A client of an API that checks tokens with these keys."""

    def made(load: Load) -> httpx.AsyncClient:
        users = TokenUsers(Keyring(load), issuer=ISSUER, audience=AUDIENCE)
        app = application(parts_of(engine, artifacts, authenticator=users))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=f"http://test{BASE}")

    return made


SOON = timedelta(minutes=5)


async def test_a_good_token_is_its_subject_and_sees_only_what_is_its_own(gateway: Make) -> None:
    async with gateway(secret_keys(SECRET, "HS256")) as client:
        made = await client.post("/projects", json={"topic": "x"}, headers=bearer(signed()))
        mine = await client.get("/projects", headers=bearer(signed()))
        others = await client.get("/projects", headers=bearer(signed(sub="bob")))

    assert made.status_code == 201
    assert [item["id"] for item in mine.json()["items"]] == [made.json()["id"]]
    assert others.json()["items"] == []


@pytest.mark.parametrize(
    ("scope", "method", "allowed"),
    [
        pytest.param("video:read", "GET", True, id="reading"),
        pytest.param("video:read", "POST", False, id="writing with a reader's"),
        pytest.param("video:write", "POST", True, id="writing"),
        pytest.param("video:write", "GET", False, id="reading with a writer's"),
        pytest.param("ops video", "GET", False, id="others"),
        pytest.param(None, "GET", False, id="none"),
    ],
)
async def test_a_token_allows_what_its_scopes_say(
    gateway: Make, scope: str | None, method: str, *, allowed: bool
) -> None:
    async with gateway(secret_keys(SECRET, "HS256")) as client:
        answer = await client.request(
            method,
            "/projects",
            json={"topic": "x"} if method == "POST" else None,
            headers=bearer(signed(scope=scope)),
        )

    assert answer.is_success if allowed else refused(answer, 403, "scope_missing")


async def test_each_key_of_a_set_has_its_own_algorithm_and_name(gateway: Make) -> None:
    async def both() -> list[Key]:
        keys = [jwk(RSA_KEY, "old"), jwk(EC_KEY, "new", alg="ES256", use="sig")]
        return keys_of(json.dumps({"keys": keys}).encode(), "PS256")

    tokens = {
        "named": (signed(EC_KEY, "ES256", {"kid": "new"}), True),
        "default algorithm": (signed(RSA_KEY, "PS256", {"kid": "old"}), True),
        "another algorithm": (signed(RSA_KEY, "RS256", {"kid": "old"}), False),
        "the other key's name": (signed(EC_KEY, "ES256", {"kid": "old"}), False),
        "unknown name": (signed(EC_KEY, "ES256", {"kid": "other"}), False),
        "no name among several": (signed(EC_KEY, "ES256"), False),
        "a name that is a list": (raw({"alg": "ES256", "kid": ["new"]}, {}), False),
    }
    async with gateway(both) as client:
        let_in = {
            name: (await client.get("/projects", headers=bearer(value))).status_code == 200
            for name, (value, _) in tokens.items()
        }

    assert let_in == {name: good for name, (_, good) in tokens.items()}


def test_a_set_leaves_out_what_can_not_be_trusted() -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    keys = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "symmetric", "alg": "HS256"},
        jwk(RSA_KEY, "encryption", use="enc"),
        jwk(weak, "weak"),
        {"kty": "RSA", "kid": "broken"},
        jwk(EC_KEY, "of another kind"),
        jwk(RSA_KEY, "good"),
    ]

    found = keys_of(json.dumps({"keys": keys}).encode(), "RS256")

    assert [key.id for key in found] == ["good"]


@asynccontextmanager
async def key_server(answers: list[tuple[int, bytes]]) -> AsyncIterator[tuple[str, list[int]]]:
    """Serves the answers one after another, the last one for ever; counts what was asked."""
    from fastapi import FastAPI, Response

    app, asked = FastAPI(), [0]
    app.state.hub = type("Hub", (), {"close": lambda self: None})()

    @app.get("/keys")
    async def keys() -> Response:
        status, body = answers[min(asked[0], len(answers) - 1)]
        asked[0] += 1
        return Response(body, status)

    async with served(app) as url:
        yield f"{url}/keys", asked


def key_set(*names: str) -> bytes:
    return json.dumps({"keys": [jwk(EC_KEY, name) for name in names]}).encode()


async def test_keys_are_fetched_once_and_again_for_a_new_name() -> None:
    async with key_server([(200, key_set("old")), (200, key_set("old", "new"))]) as (url, asked):
        clock = Clock()
        users = TokenUsers(
            Keyring(fetched_keys(url, "ES256"), clock=clock), issuer=ISSUER, audience=AUDIENCE
        )

        async def let_in(kid: str) -> bool:
            token = signed(EC_KEY, "ES256", {"kid": kid})
            [found] = await asyncio.gather(users.owner_of(token), return_exceptions=True)
            return getattr(found, "id", None) == "ann"

        assert [await let_in("old") for _ in range(3)] == [True] * 3
        assert asked == [1]
        assert not await let_in("new"), "a stranger's names can't make us ask again and again"
        clock.now += 31
        assert await let_in("new")
        assert asked == [2]


async def test_the_last_good_keys_stay_while_their_server_is_away() -> None:
    async with key_server([(200, key_set("old")), (500, b"")]) as (url, asked):
        clock = Clock()
        keys = Keyring(fetched_keys(url, "ES256"), clock=clock)
        await keys.find("old")
        clock.now += 601

        assert (await keys.find("old")).id == "old"
        await eventually(lambda: asked == [2])
        assert (await keys.find("old")).id == "old"


async def test_without_any_key_callers_are_asked_to_come_again(gateway: Make) -> None:
    async with gateway(fetched_keys("http://127.0.0.1:9/keys", "ES256")) as client:
        answer = await client.get("/projects", headers=bearer(signed(EC_KEY, "ES256")))

    assert refused(answer, 503, "keys_unavailable")
    assert answer.headers["retry-after"]


async def test_keys_come_from_a_file_too(gateway: Make, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(key_set("one"))

    async with gateway(file_keys(file, "ES256")) as client:
        answer = await client.get(
            "/projects", headers=bearer(signed(EC_KEY, "ES256", {"kid": "one"}))
        )

    assert answer.status_code == 200


@pytest.mark.parametrize("where", ["file", "address"])
async def test_the_settings_tell_where_keys_are(tmp_path: Path, where: str) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(key_set("one"))
    async with key_server([(200, key_set("one"))]) as (url, asked):
        place = {"jwt_jwks_file": file} if where == "file" else {"jwt_jwks_url": url}
        users = users_of(auth(jwt_algorithm="ES256", **place))

        owner = await users.owner_of(signed(EC_KEY, "ES256", {"kid": "one"}))
        with pytest.raises(RefusedError):
            await users.owner_of(signed(EC_KEY, "ES256", {"kid": "one"}, aud="another"))

    assert owner.id == "ann"
    assert asked == [int(where == "address")]


async def test_the_settings_tell_the_secret() -> None:
    users = users_of(auth(jwt_algorithm="HS256", jwt_secret=SECRET))

    assert (await users.owner_of(signed())).id == "ann"
    with pytest.raises(RefusedError):
        await users.owner_of(signed(f"not {SECRET}"))


def auth(**values: Any) -> AuthSettings:
    return AuthSettings(
        _env_file=None,  # type: ignore[call-arg]
        auth_mode="jwt",
        jwt_issuer=ISSUER,
        jwt_audience=AUDIENCE,
        **values,
    )


class Clock:
    """Monotonic seconds, moved by the test."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_token_for_development_is_let_in(gateway: Make) -> None:
    settings = auth(jwt_algorithm="HS256", jwt_secret=SECRET)
    made = token(settings, user="ann", scope="video:read", lifetime=SOON)

    async with gateway(secret_keys(SECRET, "HS256")) as client:
        assert (await client.get("/projects", headers=bearer(made))).status_code == 200


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        pytest.param({}, "JWT_ISSUER", id="nothing else"),
        pytest.param({"jwt_issuer": "a", "jwt_audience": "b"}, "JWT_SECRET", id="no keys"),
        pytest.param(
            {
                "jwt_issuer": "a",
                "jwt_audience": "b",
                "jwt_secret": SECRET,
                "jwt_algorithm": "RS256",
            },
            "JWT_ALGORITHM",
            id="an algorithm of another kind",
        ),
        pytest.param(
            {"jwt_issuer": "a", "jwt_audience": "b", "jwt_secret": "short"},
            "jwt_secret",
            id="a short secret",
        ),
    ],
)
def test_half_a_configuration_says_what_is_missing(values: dict[str, Any], missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        AuthSettings(_env_file=None, auth_mode="jwt", **values)  # type: ignore[call-arg]


async def test_a_stream_ends_when_its_token_does(
    engine: AsyncEngine, artifacts: ArtifactStore
) -> None:
    users = TokenUsers(
        Keyring(secret_keys(SECRET, "HS256")), issuer=ISSUER, audience=AUDIENCE, leeway_s=0
    )
    quick = {"stream_alive_s": 0.05}
    app = application(parts_of(engine, artifacts, authenticator=users, settings=quick))
    async with served(app) as url, httpx.AsyncClient(base_url=url) as client:
        client.headers.update(bearer(signed(exp=datetime.now(UTC) + timedelta(seconds=2))))
        async with following(client, "/events") as page:
            await eventually(lambda: page.alive)
            await eventually(lambda: page.ended, within=6)


async def test_many_callers_at_once_fetch_the_keys_once() -> None:
    async with key_server([(200, key_set("one"))]) as (url, asked):
        keys = Keyring(fetched_keys(url, "ES256"))

        await asyncio.gather(*(keys.find("one") for _ in range(20)))

    assert asked == [1]


async def test_a_token_that_was_good_is_refused_once_its_key_is_gone() -> None:
    sets = [
        [Key(id="old", algorithm="RS256", material=RSA_KEY.public_key())],
        [Key(id="new", algorithm="ES256", material=EC_KEY.public_key())],
    ]
    now = [0.0]

    async def load() -> list[Key]:
        return sets.pop(0)

    users = TokenUsers(Keyring(load, clock=lambda: now[0]), issuer=ISSUER, audience=AUDIENCE)
    token_of_old = signed(RSA_KEY, "RS256", {"kid": "old"})
    assert (await users.owner_of(token_of_old)).id == "ann"

    now[0] = 1_000.0  # the set has grown old: this call has it read again
    await users.owner_of(token_of_old)

    async def is_refused() -> bool:
        try:
            await users.owner_of(token_of_old)
        except RefusedError as refusal:
            return refusal.code == "unauthorized"
        return False

    await eventually(is_refused)


async def test_a_token_that_was_good_is_refused_after_its_end() -> None:
    users = TokenUsers(
        Keyring(secret_keys(SECRET, "HS256")), issuer=ISSUER, audience=AUDIENCE, leeway_s=0
    )
    ends = datetime.now(UTC) + timedelta(seconds=2)
    shown = signed(exp=ends)
    assert (await users.owner_of(shown)).id == "ann"

    async def is_refused() -> bool:
        try:
            await users.owner_of(shown)
        except RefusedError:
            return True
        return False

    await eventually(is_refused)
    assert datetime.now(UTC) >= ends - timedelta(seconds=1)  # exp is in whole seconds
