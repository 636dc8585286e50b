"""Signed links: one artifact of one project, for minutes, without a token (players send none)."""

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote
from uuid import UUID

from fastapi import Request
from itsdangerous import BadData, Signer, base64_decode, base64_encode

from api.auth import User
from api.errors import RefusedError
from api.files import File
from api.views import LinkView
from shared.artifacts.store import ArtifactStore

# What else may be signed with the secret is no link. Another number for another shape of claims.
_PURPOSE: Final = "reelay:artifact/1"


class Links:
    """``secret`` must be the same in all processes that serve the same users."""

    def __init__(self, secret: str, *, ttl_s: int, prefix: str, redirects: bool = False) -> None:
        self._signer = Signer(
            secret, salt=_PURPOSE, key_derivation="hmac", digest_method=hashlib.sha256
        )
        self._ttl = timedelta(seconds=ttl_s)
        self._prefix = prefix
        self._redirects = redirects

    def to(self, user: User, project_id: UUID | None, name: str) -> LinkView:
        """A link to what stands under that name now and later; whether it exists is not asked.
        Without a project: to a sample.
        """
        expires_at = (datetime.now(UTC) + self._ttl).replace(microsecond=0)
        claims = [user.id, str(project_id or ""), name, int(expires_at.timestamp())]
        signed = self._signer.sign(base64_encode(json.dumps(claims))).decode()
        last = quote(name.rsplit("/", 1)[-1])
        return LinkView(url=f"{self._prefix}/links/{signed}/{last}", expires_at=expires_at)

    async def beyond(
        self, request: Request, name: str, file: File, artifacts: ArtifactStore
    ) -> str | None:
        """The store's own address of a video, good for as long as a link; None: serve it here.

        Only for players: pages read captions and pictures by script, and play previews, which their
        policy lets come from us alone; a file to be saved has its name from us.
        """
        if name.startswith("previews/"):
            return None
        if not self._redirects or request.method != "GET" or not file.name.endswith(".mp4"):
            return None
        if not await artifacts.has(file.blob):
            return None
        return await artifacts.signed(file.blob, self._ttl)

    def opened(self, signed: str) -> tuple[User, UUID | None, str]:
        """Whose, of which project, and which artifact; raises RefusedError for any other text."""
        try:
            claims = base64_decode(self._signer.unsign(signed))
        except (BadData, ValueError):  # not signed by us, or no text at all
            raise RefusedError("link_invalid") from None
        owner, project_id, name, expires_at = json.loads(claims)
        if time.time() >= expires_at:
            raise RefusedError("link_invalid")
        return User(id=owner), UUID(project_id) if project_id else None, name
