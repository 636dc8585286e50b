"""What a provider made, fetched from where it says, and no more of it than there may be."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx2

from shared.artifacts.calls import PAUSES_S, CallFailedError, Charge, Clock

MOST_BYTES: Final = 200_000_000
_GONE: Final = frozenset({403, 404, 410})


async def fetched(client: httpx2.AsyncClient, url: str, file: Path, clock: Clock) -> None:
    """The bytes at ``url`` in ``file``, asked for again within seconds where they don't come.

    Raises CallFailedError: ``visual_expired`` when they are gone for good. Any other failure leaves
    open whether a later one succeeds, so its charge counts as unknown: the call stays open.
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise _lost("visual_unreadable", "the provider gave no http(s) address")
    for pause in PAUSES_S:
        try:
            return await _once(client, url, file)
        except CallFailedError as failure:
            if failure.charge is Charge.YES:
                raise
            await clock.sleep(pause)
    return await _once(client, url, file)


async def _once(client: httpx2.AsyncClient, url: str, file: Path) -> None:
    try:
        async with client.stream("GET", url, follow_redirects=True) as answer:
            if answer.status_code in _GONE:
                raise _lost("visual_expired", f"HTTP {answer.status_code} where it should lie")
            if answer.status_code != 200:
                raise _away(f"HTTP {answer.status_code} where the result should lie")
            await _written(answer, file)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise _away(f"the result can't be fetched: {type(error).__name__}") from error


async def _written(answer: httpx2.Response, file: Path) -> None:
    left = MOST_BYTES
    with file.open("wb") as out:
        async for piece in answer.aiter_bytes():
            left -= len(piece)
            if left < 0:
                raise _lost("visual_unreadable", f"more than {MOST_BYTES} bytes")
            out.write(piece)


def _away(detail: str) -> CallFailedError:
    return CallFailedError("provider_unavailable", detail, charge=Charge.UNKNOWN, again_s=0)


def _lost(code: str, detail: str) -> CallFailedError:
    return CallFailedError(code, detail, charge=Charge.YES)
