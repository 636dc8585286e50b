"""Every trick with a token gets the same 401, before anything else is looked at."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from support.driving import BASE, refused
from support.http import parts_of
from support.tokens import (
    AUDIENCE,
    FOREIGN_KEY,
    ISSUER,
    RSA_KEY,
    SECRET,
    bearer,
    jwk,
    raw,
    signed,
)

from api.app import application
from api.keyring import Key, Keyring, Load, keys_of, secret_keys
from api.tokens import TokenUsers
from shared.artifacts.store import ArtifactStore
from shared.store.engine import store_engine

PUBLIC = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
NOWHERE = "postgresql://nobody@127.0.0.1:9/nothing"


@asynccontextmanager
async def guarded(load: Load, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API that has no database: whoever is let in meets a 503."""
    users = TokenUsers(Keyring(load), issuer=ISSUER, audience=AUDIENCE)
    engine = store_engine(NOWHERE, pool=1, application="tests")
    artifacts = ArtifactStore.at(f"file://{folder}")
    app = application(parts_of(engine, artifacts, authenticator=users))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://test{BASE}") as client:
        yield client


SOON, AGO = timedelta(minutes=5), timedelta(minutes=-5)


def at(difference: timedelta) -> datetime:
    return datetime.now(UTC) + difference


def _numbers() -> dict[str, Any]:
    """Good claims as plain JSON."""
    return jwt.decode(signed(), SECRET, ["HS256"], audience=AUDIENCE)


def _hs256(payload: dict[str, Any]) -> str:
    return _hs256_text(json.dumps(payload))


def _hs256_text(payload: str) -> str:
    return jwt.PyJWS().encode(payload.encode(), SECRET, "HS256", {"typ": "JWT"})


def _hmac_with_public_key() -> str:
    unsigned = raw({"alg": "HS256", "typ": "JWT"}, _numbers()).rsplit(".", 1)[0]
    mark = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        unsigned.encode(), PUBLIC
    )
    return f"{unsigned}.{jwt.utils.base64url_encode(mark).decode()}"


TRICKS: dict[str, Callable[[], Any]] = {
    "no algorithm": lambda: raw({"alg": "none", "typ": "JWT"}, _numbers(), b""),
    "no algorithm, other letters": lambda: raw({"alg": "nOnE"}, _numbers(), b""),
    "another secret": lambda: signed("another secret that is also long enough ..."),
    "another algorithm of the same secret": lambda: signed(algorithm="HS512"),
    "the public key as a secret": _hmac_with_public_key,
    "a key of its own inside": lambda: signed(
        FOREIGN_KEY, "RS256", {"jwk": jwk(FOREIGN_KEY, "inside"), "kid": "inside"}
    ),
    "an address of keys inside": lambda: signed(
        FOREIGN_KEY, "RS256", {"jku": "https://evil.example/keys", "x5u": "https://evil.example/c"}
    ),
    "a critical extension": lambda: signed(headers={"crit": ["exp"], "exp": 1}),
    "another type": lambda: signed(headers={"typ": "dpop+jwt"}),
    "another issuer": lambda: signed(iss="https://evil.example"),
    "no issuer": lambda: signed(iss=None),
    "another audience": lambda: signed(aud="billing"),
    "no audience": lambda: signed(aud=None),
    "over": lambda: signed(exp=at(AGO)),
    "never over": lambda: signed(exp=None),
    "not yet good": lambda: signed(nbf=at(SOON)),
    "issued in the future": lambda: signed(iat=at(SOON)),
    "an end that is no number": lambda: signed(exp="tomorrow"),
    "an end beyond all numbers": lambda: _hs256({**_numbers(), "exp": 10**400}),
    "an infinite end": lambda: _hs256_text(json.dumps(_numbers())[:-1] + ', "exp": Infinity}'),
    "no subject": lambda: signed(sub=None),
    "an empty subject": lambda: signed(sub=""),
    "a subject that is a list": lambda: _hs256({**_numbers(), "sub": ["ann"]}),
    "a subject with a line break": lambda: signed(sub="ann\nbob"),
    "a subject too long": lambda: signed(sub="a" * 201),
    "a scope that is a number": lambda: _hs256({**_numbers(), "scope": 7}),
    "the same claim twice": lambda: _hs256_text(json.dumps(_numbers())[:-1] + ', "sub": "bob"}'),
    "the same header twice": lambda: raw('{"alg":"HS256","alg":"none"}', _numbers()),
    "100 kB": lambda: signed(filler="x" * 100_000),
    "two parts": lambda: ".".join(signed().split(".")[:2]),
    "five parts": lambda: signed() + ".a.b",
    "padding": lambda: signed() + "==",
    "a part that is no JSON": lambda: raw("{", _numbers()),
    "a part that is a list": lambda: raw({"alg": "HS256"}, []),
    "a deep part": lambda: raw("[" * 5_000 + "]" * 5_000, _numbers()),
    "text that is no token": lambda: "let me in",
    "nothing": lambda: "",
}


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("keys", ["a secret", "a key set"])
async def test_every_trick_is_the_same_401(tmp_path: Path, trick: str, keys: str) -> None:
    async def set_of_keys() -> list[Key]:
        return keys_of(json.dumps({"keys": [jwk(RSA_KEY, "one")]}).encode(), "RS256")

    load = secret_keys(SECRET, "HS256") if keys == "a secret" else set_of_keys
    async with guarded(load, tmp_path) as client:
        answer = await client.get("/projects", headers=bearer(TRICKS[trick]()))
        plain = await client.get("/projects")

    assert refused(answer, 401, "unauthorized")
    assert (answer.content, answer.headers["www-authenticate"]) == (plain.content, "Bearer")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Authorization": "Basic YW5uOmFubg=="}, id="a password"),
        pytest.param([("Authorization", "a"), ("Authorization", "b")], id="two headers"),
        pytest.param({"Cookie": "token=x"}, id="a cookie"),
    ],
)
async def test_nothing_but_one_bearer_token_counts(tmp_path: Path, headers: Any) -> None:
    async with guarded(secret_keys(SECRET, "HS256"), tmp_path) as client:
        assert refused(await client.get("/projects", headers=headers), 401, "unauthorized")


async def test_a_good_token_gets_as_far_as_the_database(tmp_path: Path) -> None:
    async with guarded(secret_keys(SECRET, "HS256"), tmp_path) as client:
        answer = await client.get("/projects", headers=bearer(signed()))

    assert refused(answer, 503, "database_unavailable")
