"""What a provider's no means, what it cost, and whether it may pass. Pure."""

import json
from collections.abc import Mapping
from typing import Final

import aiohttp

from shared.artifacts.calls import CallFailedError, Charge

_NOT_SENT: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)


def refused(status: int, body: str, headers: Mapping[str, str]) -> CallFailedError:
    """An answer that is no sound: nothing was made, so nothing is charged."""
    code, message = _told(body)
    if status in {401, 403}:
        return _no("provider_key_refused", "the provider does not accept OPENAI_API_KEY")
    if status == 429 and code == "insufficient_quota":
        return _no("provider_quota_spent", message)
    if status == 429:
        return _no("provider_busy", message, again_s=_seconds(headers.get("Retry-After")))
    if status >= 500:
        return _no("provider_unavailable", f"{status} {message}", again_s=0)
    return _no("provider_rejected", f"{status} {message}")


def broken_off(error: Exception) -> CallFailedError:
    """No answer, or half of one: free if the order was never sent, else nobody knows."""
    why = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, _NOT_SENT):
        return _no("provider_unavailable", why, again_s=0)
    return CallFailedError("provider_unavailable", why, charge=Charge.UNKNOWN)


def _no(code: str, detail: str, *, again_s: float | None = None) -> CallFailedError:
    return CallFailedError(code, detail, charge=Charge.NO, again_s=again_s)


def _told(body: str) -> tuple[str, str]:
    """The provider's own code and words, if it sent its usual error."""
    try:
        error = json.loads(body)["error"]
        return str(error.get("code") or ""), str(error.get("message") or "")[:300]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", body.strip()[:300]


def _seconds(value: str | None) -> float:
    try:
        return max(0.0, float(value or 0))
    except ValueError:
        return 0.0
