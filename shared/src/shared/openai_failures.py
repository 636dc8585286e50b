"""The errors of a provider that speaks the OpenAI protocol, in our words: what a user may do, and
whether anything was charged. Imported by workers alone: it needs the SDK.
"""

from typing import Final

import httpx2
import openai

from shared.artifacts.calls import CallFailedError, Charge

_UNSENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_REFUSED: Final = (
    "content_filter",
    "content_policy",
    "moderation_blocked",
    "data_inspection",
    "content exists risk",
)
_SPENT: Final = (
    "insufficient_quota",
    "exceeded_current_quota",
    "insufficient balance",
    "arrearage",
)
_LONGEST: Final = 300


def failure_of(error: Exception, *, unanswered: Charge) -> CallFailedError:
    """The failure of a call to which no answer began.

    An error answer (4xx, 5xx) is never charged. ``unanswered`` says what silence after sending
    counts as; what surely was not sent costs nothing in any case.
    """
    if isinstance(error, openai.APIStatusError):
        return _of_status(error)
    if isinstance(error.__cause__, _UNSENT):
        return _unavailable("the provider can't be reached", Charge.NO)
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return _unavailable("no answer in time", unanswered)
    return _unavailable(f"no answer: {type(error).__name__}", unanswered)


def refused(said: str, cost: dict[str, float]) -> CallFailedError:
    """The model answered that it won't: an answer like any other, and charged."""
    return CallFailedError("prompt_refused", said[:_LONGEST], charge=Charge.YES, cost=cost)


def _unavailable(detail: str, charge: Charge) -> CallFailedError:
    return CallFailedError("provider_unavailable", detail, charge=charge, again_s=0)


def _of_status(error: openai.APIStatusError) -> CallFailedError:
    status = error.status_code
    about = f"{error.code or ''} {error.type or ''} {error.message}".lower()
    said = f"HTTP {status}: {error.message[:_LONGEST]}"
    if status in {401, 403}:  # its message may quote the key: not ours to repeat
        return _hopeless("provider_key_refused", f"HTTP {status}")
    if status == 402 or any(word in about for word in _SPENT):
        return _hopeless("provider_quota_spent", said)
    if status in {408, 409, 425, 429} or status >= 500:
        code = "provider_busy" if status == 429 else "provider_unavailable"
        return CallFailedError(code, said, charge=Charge.NO, again_s=_wish(error))
    if any(word in about for word in _REFUSED):
        return _hopeless("prompt_refused", said)
    return _hopeless("provider_rejected", said)


def _hopeless(code: str, detail: str) -> CallFailedError:
    return CallFailedError(code, detail, charge=Charge.NO)


def _wish(error: openai.APIStatusError) -> float:
    """``Retry-After`` in seconds; a date or nonsense is no wish."""
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "0")))
    except ValueError:
        return 0.0
