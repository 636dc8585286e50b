"""JSON Web Tokens as RFC 8725 wants them checked: what a token says of itself decides nothing."""

import json
import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

import jwt
from jwt.utils import base64url_decode
from starlette.datastructures import Headers

from api.auth import User
from api.errors import RefusedError
from api.keyring import Key, Keyring, fetched_keys, file_keys, secret_keys
from api.settings import AuthSettings

LONGEST: Final = 8_192
LEEWAY_S: Final = 30
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_TYPES: Final = frozenset({None, "jwt", "at+jwt"})
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """A token that was good: so it stays until it ends, as long as its key is still ours."""

    user: User
    kid: object
    key: Key
    ends_at: float


class TokenUsers:
    """The user is the token's ``sub``. Every fault gets the same 401, whatever it is.

    A page shows the same token at each poll: what was checked lately is not checked again.
    """

    def __init__(
        self,
        keys: Keyring,
        *,
        issuer: str,
        audience: str,
        leeway_s: int = LEEWAY_S,
        kept: int = 16_384,
    ) -> None:
        self._keys = keys
        self._leeway_s = leeway_s
        self._kept = kept
        self._issuer = issuer
        self._audience = audience
        self._checked: OrderedDict[str, _Checked] = OrderedDict()

    async def user_of(self, headers: Headers) -> User:
        given = headers.getlist("authorization")
        kind, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        if kind.lower() != "bearer":
            _refuse()
        return await self.owner_of(token.strip())

    async def owner_of(self, token: str) -> User:
        """Raises RefusedError: ``unauthorized`` for any token that is not good."""
        try:
            return (await self._known(token) or await self._check(token)).user
        except (jwt.PyJWTError, ValueError, OverflowError, TypeError, RecursionError):
            _refuse()

    async def _known(self, token: str) -> _Checked | None:
        checked = self._checked.get(token)
        if checked is None or time.time() >= checked.ends_at:
            return None
        return checked if await self._keys.find(checked.kid) == checked.key else None

    async def _check(self, token: str) -> _Checked:
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
        claims = jwt.decode(
            token,
            key.material,
            algorithms=[key.algorithm],
            issuer=self._issuer,
            audience=self._audience,
            leeway=self._leeway_s,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
        checked = _Checked(
            user=_user(claims),
            kid=said.get("kid"),
            key=key,
            ends_at=claims["exp"] + self._leeway_s,
        )
        self._keep(token, checked)
        return checked

    def _keep(self, token: str, checked: _Checked) -> None:
        self._checked[token] = checked
        self._checked.move_to_end(token)
        if len(self._checked) > self._kept:
            self._checked.popitem(last=False)


def users_of(settings: AuthSettings) -> TokenUsers:
    """Those whose tokens the settings tell how to check."""
    if settings.jwt_secret is not None:
        load = secret_keys(settings.jwt_secret, settings.jwt_algorithm)
    elif settings.jwt_jwks_file is not None:
        load = file_keys(settings.jwt_jwks_file, settings.jwt_algorithm)
    else:
        load = fetched_keys(str(settings.jwt_jwks_url), settings.jwt_algorithm)
    keys = Keyring(load)
    return TokenUsers(
        keys,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        kept=settings.jwt_tokens_kept,
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
