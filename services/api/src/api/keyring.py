"""The keys that tokens are checked with: one secret, or a set (RFC 7517) from a file or an
address.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import jwt
import structlog

from api.errors import RefusedError
from api.settings import KEY_SET_ALGORITHMS

FRESH_S: Final = 600.0
COOL_S: Final = 30.0
LOADING_S: Final = 8.0
RSA_BITS: Final = 2_048
LARGEST: Final = 256 * 1024
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """``algorithm`` is pinned to the key: a token that names another one is refused."""

    id: str | None
    algorithm: str
    material: Any


Load = Callable[[], Awaitable[list[Key]]]


class Keyring:
    """Looked up by ``kid`` in our own set, and nowhere else.

    The set is read again when it has grown old, and, at most twice a minute, for an unknown
    ``kid``; while it can't be read the last one stays good.
    """

    def __init__(self, load: Load, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._load = load
        self._clock = clock
        self._keys: list[Key] = []
        self._tried_at = float("-inf")
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._behind: asyncio.Task[None] | None = None

    async def find(self, kid: object) -> Key:
        """Raises ValueError for a ``kid`` that is not ours, RefusedError while there are no keys at
        all.
        """
        found = self._among(kid)
        if found is None:
            await self._refresh()
            found = self._among(kid)
        elif self._clock() - self._read_at > FRESH_S and not self._reading.locked():
            self._behind = asyncio.create_task(self._refresh())  # nobody waits for it
        if found is None:
            if not self._keys:
                raise RefusedError("keys_unavailable")
            raise ValueError("an unknown key")
        return found

    def _among(self, kid: object) -> Key | None:
        if len(self._keys) == 1 and (kid is None or self._keys[0].id is None):
            return self._keys[0]
        return next((key for key in self._keys if key.id is not None and key.id == kid), None)

    async def _refresh(self) -> None:
        async with self._reading:
            if self._clock() - self._tried_at < COOL_S:
                return
            self._tried_at = self._clock()
            try:
                async with asyncio.timeout(LOADING_S):
                    self._keys = await self._load()
                self._read_at = self._clock()
            except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError) as failed:
                _log.warning("keys.unread", reason=repr(failed))


def secret_keys(secret: str, algorithm: str) -> Load:
    """One shared secret."""

    async def load() -> list[Key]:
        return [Key(id=None, algorithm=algorithm, material=secret)]

    return load


def file_keys(path: Path, algorithm: str) -> Load:
    async def load() -> list[Key]:
        return keys_of(await asyncio.to_thread(path.read_bytes), algorithm)

    return load


def fetched_keys(url: str, algorithm: str) -> Load:
    """From the address of the settings; no token can name another one."""

    async def load() -> list[Key]:
        async with httpx.AsyncClient(timeout=5, follow_redirects=False) as http:
            async with http.stream("GET", url) as answer:
                answer.raise_for_status()
                body = bytearray()
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > LARGEST:
                        raise ValueError("the key set is too large")
            return keys_of(bytes(body), algorithm)

    return load


def keys_of(body: bytes, algorithm: str) -> list[Key]:
    """The signing keys of a set. A key that names no algorithm gets ``algorithm``; symmetric, weak
    and encryption keys are left out. Raises ValueError when none is left.
    """
    if len(body) > LARGEST:
        raise ValueError("the key set is too large")
    entries: list[dict[str, Any]] = [
        dict(raw) for raw in json.loads(body)["keys"] if hasattr(raw, "keys")
    ]
    found = [key for raw in entries if (key := _signing(raw, algorithm))]
    if not found:
        raise ValueError("the key set has no key for signatures")
    return found


def _signing(raw: dict[str, Any], default: str) -> Key | None:
    named = raw.get("alg", default)
    if named not in KEY_SET_ALGORITHMS or raw.get("use", "sig") != "sig":
        return None
    try:
        material = jwt.PyJWK(raw, named).key
    except (jwt.PyJWTError, ValueError, TypeError) as unusable:
        _log.warning("key.unusable", kid=str(raw.get("kid")), reason=str(unusable))
        return None
    weak = raw.get("kty") == "RSA" and material.key_size < RSA_BITS
    return None if weak else Key(id=raw.get("kid"), algorithm=named, material=material)
