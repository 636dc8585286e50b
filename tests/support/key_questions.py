"""The free question that tells whether a key is taken, as a provider's server hears it."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

_ANSWERS: dict[str, tuple[int, str]] = {
    "forbidden": (403, "Forbidden"),
    "restricted": (403, "You have insufficient permissions. Missing scopes: api.model.read."),
    "absent": (404, "Not Found"),
    "busy": (429, "Rate limit reached"),
    "down": (500, "The server had an error"),
    "page": (302, "Found"),
}
MOODS = (*_ANSWERS, "cut", "silent")


@dataclass
class KeyQuestions:
    """``mood`` is how it is answered, whatever the key; "well": by the key."""

    mood: str = "well"
    asked: int = 0

    async def answer(self, request: web.Request) -> web.Response | None:
        """None where it is well, or cut."""
        self.asked += 1
        if self.mood == "silent":
            await asyncio.Event().wait()
        if self.mood == "cut" and request.transport is not None:
            request.transport.abort()
        if self.mood not in _ANSWERS:
            return None
        status, message = _ANSWERS[self.mood]
        headers = {"Location": "/elsewhere"} if status == 302 else {}
        error = {"code": self.mood, "message": message}
        return web.json_response({"error": error}, status=status, headers=headers)
