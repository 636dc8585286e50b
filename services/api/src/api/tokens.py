"""JSON Web Tokens as RFC 8725 wants them checked: what a token says of itself decides nothing."""

import json
import re
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

import jwt
from fastapi import Request
from jwt.utils import base64url_decode

from api.auth import User
from api.errors import RefusedError
from api.keyring import Keyring

LONGEST: Final = 8_192
LEEWAY_S: Final = 30
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_TYPES: Final = frozenset({None, "jwt", "at+jwt"})
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


class TokenUsers:
    """The user is the token's ``sub``. Every fault gets the same 401, whatever it is."""

    def __init__(
        self, keys: Keyring, *, issuer: str, audience: str, leeway_s: int = LEEWAY_S
    ) -> None:
        self._keys = keys
        self._leeway_s = leeway_s
        self._issuer = issuer
        self._audience = audience

    async def user_of(self, request: Request) -> User:
        given = request.headers.getlist("authorization")
        kind, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        if kind.lower() != "bearer":
            _refuse()
        return await self.owner_of(token.strip())

    async def owner_of(self, token: str) -> User:
        """Raises RefusedError: ``unauthorized`` for any token that is not good."""
        try:
            return _user(await self._claims(token))
        except (jwt.PyJWTError, ValueError, OverflowError, TypeError, RecursionError):
            _refuse()

    async def _claims(self, token: str) -> dict[str, Any]:
        """Raises one of many errors for a token that is not good."""
        if len(token) > LONGEST or not _SHAPE.fullmatch(token):
            raise ValueError("not a signed token")
        header, payload, _ = token.split(".")
        said = _object(header)
        _object(payload)
        if "crit" in said or str(said.get("typ") or "jwt").lower() not in _TYPES:
            raise ValueError("a kind of token that is not ours")
        key = await self._keys.find(said.get("kid"))
        if said.get("alg") != key.algorithm:
            raise ValueError("another algorithm than the key's own")
        return jwt.decode(
            token,
            key.material,
            algorithms=[key.algorithm],
            issuer=self._issuer,
            audience=self._audience,
            leeway=self._leeway_s,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )


def _user(claims: dict[str, Any]) -> User:
    name, scope = claims["sub"], claims.get("scope", "")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not isinstance(scope, str):
        raise ValueError("no usable subject or scope")
    return User(
        id=name,
        scopes=frozenset(scope.split()),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )


def _object(part: str) -> dict[str, Any]:
    """A part's JSON object; the same name twice is two tokens in one, and refused."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("a name twice")
        return dict(pairs)

    found = json.loads(base64url_decode(part), object_pairs_hook=unique)
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found  # pyright: ignore[reportUnknownVariableType]  (a JSON object)


def _refuse() -> NoReturn:
    raise RefusedError("unauthorized", headers={"WWW-Authenticate": "Bearer"}) from None
