"""Webhooks as Standard Webhooks 1.0 wants them: what is said, how it is signed, and what an answer
means.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from shared.messages.manifest import Blob
from shared.messages.milestones import VideoReady

Outcome = Literal["delivered", "refused", "gone", "given_up"]
PAUSES_S: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
LONGEST_S: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A file at its new place."""

    name: str
    url: str
    blob: Blob


def body_of(milestone: VideoReady, files: list[Handed]) -> bytes:
    """The same bytes for the same hand-over, however often it is announced."""
    meta = milestone.meta
    body = {
        "type": "video.ready",
        "timestamp": meta.occurred_at.isoformat(),
        "data": {
            "projectId": str(meta.project_id),
            "runId": str(meta.run_id),
            "userId": meta.user_id,
            "title": milestone.title,
            "durationMs": milestone.duration_ms,
            "files": [_told(file) for file in files],
        },
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _told(file: Handed) -> dict[str, str | int]:
    return {
        "name": file.name,
        "url": file.url,
        "bytes": file.blob.size,
        "mediaType": file.blob.media_type,
        "sha256": file.blob.path.removeprefix("blob/").split(".")[0],
    }


def headers_of(message_id: UUID | str, body: bytes, *, key: bytes, at: int) -> dict[str, str]:
    """The message's id is the same on each attempt, ``at`` (seconds) is the attempt's own."""
    signed = hmac.new(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": str(message_id),
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def meaning(status: int) -> Outcome | None:
    """None: say it again later."""
    if 200 <= status < 300:
        return "delivered"
    return "refused" if status == 410 else None


def pause_after(attempts: int, wished: str | None = None) -> float | None:
    """Seconds until the next attempt; None after the last. ``wished`` is a Retry-After in
    seconds, granted up to a day.
    """
    if attempts > len(PAUSES_S):
        return None
    asked = int(wished) if wished is not None and wished.isdecimal() else 0
    return max(PAUSES_S[attempts - 1], min(asked, LONGEST_S))
