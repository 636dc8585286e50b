"""Who is calling, and what they may do: a port, its scopes, and the local mode's one fixed user."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Protocol
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import Headers

from api.errors import RefusedError

READ: Final = "video:read"
WRITE: Final = "video:write"
OPS: Final = "ops"
ALL_SCOPES: Final = frozenset({READ, WRITE, OPS})
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """The caller; ``id`` owns projects. ``expires_at``: until when what it showed is good."""

    id: str
    scopes: frozenset[str] = ALL_SCOPES
    expires_at: datetime | None = None


class Authenticator(Protocol):
    """Raises RefusedError for a caller that it does not let in."""

    async def user_of(self, headers: Headers) -> User: ...


class LocalUser:
    """One fixed user, on this machine only.

    A page from elsewhere could reach a server on loopback through the user's own browser (by a
    form, or by a name that it lets point here): such calls show a foreign Host or Origin, and are
    refused.
    """

    def __init__(self, name: str, *, origins: tuple[str, ...] = ()) -> None:
        self._user = User(id=name)
        self._origins = origins

    async def user_of(self, headers: Headers) -> User:
        origin = headers.get("origin")
        foreign = (
            origin is not None and origin not in self._origins and not is_loopback(_host(origin))
        )
        if foreign or not is_loopback(_host(f"//{headers.get('host', '')}")):
            raise RefusedError("origin_refused")
        return self._user


def is_loopback(host: str) -> bool:
    """Whether a name or address can only be this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


async def authenticated(request: Request) -> User:
    """Whoever it is, whatever it may do."""
    authenticator: Authenticator = request.app.state.authenticator
    return await authenticator.user_of(request.headers)


async def reader(request: Request) -> User:
    """Whoever may read, whatever the method."""
    user = await authenticated(request)
    require(user, READ)
    return user


async def caller(request: Request) -> User:
    """The dependency of every route that belongs to somebody: reading needs ``video:read``, all
    else ``video:write``.
    """
    user = await authenticated(request)
    require(user, READ if request.method in _SAFE else WRITE)
    return user


async def operator(request: Request) -> User:
    """Whoever may operate; owning a project gives no right to that, nor the other way round."""
    user = await authenticated(request)
    require(user, OPS)
    return user


def require(user: User, scope: str) -> None:
    """Raises RefusedError ``scope_missing`` without it."""
    if scope not in user.scopes:
        raise RefusedError("scope_missing", f"the token lacks the scope {scope}")


Caller = Annotated[User, Depends(caller)]
Reader = Annotated[User, Depends(reader)]
Operator = Annotated[User, Depends(operator)]
