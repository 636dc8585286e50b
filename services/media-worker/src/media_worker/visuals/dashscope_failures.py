"""DashScope's errors in our words, and what they cost. Pure."""

from collections.abc import Mapping
from typing import Any, Final

import httpx2

from shared.artifacts.calls import CallFailedError, Charge

_UNSENT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
)
_LONGEST: Final = 300


def refused(status: int, said: Mapping[str, Any], headers: Mapping[str, str]) -> CallFailedError:
    """An order that was not taken: never charged."""
    code, message = str(said.get("code") or ""), str(said.get("message") or "")
    detail = f"HTTP {status} {code}: {message[:_LONGEST]}"
    if status == 402 or "Arrearage" in code or "AllocationQuota" in code:
        return _no("provider_quota_spent", detail)
    if status == 401 or "ApiKey" in code:  # its message may quote the key: not ours to repeat
        return _no("provider_key_refused", f"HTTP {status}")
    if status == 429 or "Throttling" in code:
        return _no("provider_busy", detail, again_s=_wish(headers))
    if status >= 500:
        return _no("provider_unavailable", detail, again_s=_wish(headers))
    if "DataInspection" in code:
        return _no("prompt_refused", detail)
    return _no("provider_rejected", detail)


def unanswered(error: Exception) -> CallFailedError:
    """Silence after an order: free if it was never sent, else nobody knows."""
    why = f"no answer: {type(error).__name__}"
    if isinstance(error, _UNSENT):
        return _no("provider_unavailable", why, again_s=0)
    return CallFailedError("provider_unavailable", why, charge=Charge.UNKNOWN, again_s=0)


def jobless() -> CallFailedError:
    """It said yes, and not to what."""
    return CallFailedError("provider_unavailable", "no id of a job", charge=Charge.UNKNOWN)


def failed(code: str, message: str) -> CallFailedError:
    """A job that ended badly; the provider charges for videos alone."""
    detail = f"{code}: {message[:_LONGEST]}"
    if "DataInspection" in code:
        return _no("prompt_refused", detail)
    if "InvalidParameter" in code:
        return _no("provider_rejected", detail)
    return _no("visual_failed", detail, again_s=0)


def cancelled(*, by_us: bool) -> CallFailedError:
    """A job that never ran."""
    if by_us:
        return _no("run_cancelled", "the provider took it out of its queue: not charged")
    return _no("visual_failed", "cancelled at the provider's", again_s=0)


def unasked(detail: str) -> CallFailedError:
    """The job goes on; only its state is not known now."""
    return CallFailedError("provider_unavailable", detail, charge=Charge.UNKNOWN, again_s=0)


def locked_out(status: int) -> CallFailedError:
    """As ``unasked``, until somebody mends the key."""
    return CallFailedError("job_unreachable", f"HTTP {status}", charge=Charge.UNKNOWN)


def late(seconds: float) -> CallFailedError:
    """The job goes on without us; the user's retry takes it up again."""
    detail = f"not done within {seconds:g} s"
    return CallFailedError("visual_timeout", detail, charge=Charge.UNKNOWN)


def _no(code: str, detail: str, *, again_s: float | None = None) -> CallFailedError:
    return CallFailedError(code, detail, charge=Charge.NO, again_s=again_s)


def _wish(headers: Mapping[str, str]) -> float:
    try:
        return max(0.0, float(headers.get("retry-after", "0")))
    except ValueError:
        return 0.0
