"""Whether a provider takes a key: asked by one request that costs nothing, without any provider's
SDK.
"""

import asyncio
import http.client
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from shared.errors import ServiceError

_ANSWER_S: Final = 5.0
_READ: Final = 4_096
# OpenAI's words to a restricted key that may not list models: it may still do its work.
_RESTRICTED: Final = "Missing scopes"


class KeyRefusedError(ServiceError):
    """The provider does not take the key; ``detail`` names its variable, never the key."""

    code = "provider_key_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyQuestion:
    """``address`` answers a GET, costs nothing and needs the key. ``variable`` is the setting that
    holds it, ``refusals`` are the statuses that say no to the key and to nothing else.
    """

    address: str
    key: str = field(repr=False)
    variable: str
    refusals: AbstractSet[int] = frozenset({401, 403})

    async def taken(self) -> bool:
        """False where the answer, or none within 5 s, says nothing about the key. Raises
        KeyRefusedError.
        """
        status, said = await asyncio.to_thread(self._answer)
        if status in self.refusals and _RESTRICTED not in said:
            raise KeyRefusedError(f"the provider does not accept {self.variable}")
        return 200 <= status < 300

    def _answer(self) -> tuple[int, str]:
        """Its status and, of a refusal, the beginning of its words; status 0 for none."""
        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            with closing(_connection(self.address)) as connection:
                connection.request("GET", urlsplit(self.address).path, headers=headers)
                answer = connection.getresponse()
                said = answer.read(_READ) if answer.status in self.refusals else b""
                return answer.status, said.decode(errors="replace")
        except (OSError, ValueError, http.client.HTTPException):
            # A ValueError is a port that does not exist, or a key that no header can hold: it would
            # quote the key, so it goes no further.
            return 0, ""


def models_question(base_url: str, key: str, variable: str) -> KeyQuestion:
    """By the list of models, which every server with OpenAI's protocol has."""
    return KeyQuestion(address=f"{base_url.rstrip('/')}/models", key=key, variable=variable)


def _connection(address: str) -> http.client.HTTPConnection:
    place = urlsplit(address)
    secure = place.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    return kind(place.hostname or "", place.port, timeout=_ANSWER_S)
