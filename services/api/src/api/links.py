"""Signed links: one artifact of one project, for minutes, without a token (players send none)."""

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote
from uuid import UUID

import jwt
from fastapi import Request

from api.auth import User
from api.errors import RefusedError
from api.files import File
from api.views import LinkView
from shared.artifacts.store import ArtifactStore

_AUDIENCE: Final = "reelay:artifact"
_ALGORITHM: Final = "HS256"


class Links:
    """``secret`` must be the same in all processes that serve the same users."""

    def __init__(self, secret: str, *, ttl_s: int, prefix: str, redirects: bool = False) -> None:
        self._secret = secret
        self._ttl = timedelta(seconds=ttl_s)
        self._prefix = prefix
        self._redirects = redirects

    def to(self, user: User, project_id: UUID | None, name: str) -> LinkView:
        """A link to what stands under that name now and later; whether it exists is not asked.
        Without a project: to a sample.
        """
        expires_at = (datetime.now(UTC) + self._ttl).replace(microsecond=0)
        claims = {"aud": _AUDIENCE, "sub": user.id, "p": str(project_id or ""), "n": name}
        signed = jwt.encode({**claims, "exp": expires_at}, self._secret, _ALGORITHM)
        last = quote(name.rsplit("/", 1)[-1])
        return LinkView(url=f"{self._prefix}/links/{signed}/{last}", expires_at=expires_at)

    async def beyond(self, request: Request, file: File, artifacts: ArtifactStore) -> str | None:
        """The store's own address of a video, good for as long as a link; None: serve it here.

        Only for players: pages read captions and pictures by script, and a file to be saved has
        its name from us.
        """
        if not self._redirects or request.method != "GET" or not file.name.endswith(".mp4"):
            return None
        if not await artifacts.has(file.blob):
            return None
        return await artifacts.signed(file.blob, self._ttl)

    def opened(self, signed: str) -> tuple[User, UUID | None, str]:
        """Whose, of which project, and which artifact; raises RefusedError for any other text."""
        try:
            claims = jwt.decode(
                signed,
                self._secret,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={"require": ["exp", "sub", "aud"]},
            )
            project_id = UUID(claims["p"]) if claims["p"] else None
            return User(id=claims["sub"]), project_id, claims["n"]
        except (jwt.PyJWTError, ValueError, KeyError):
            raise RefusedError("link_invalid") from None
