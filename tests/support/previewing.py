"""A user who asks for a scene's preview or a voice's sample, and looks until it is there."""

from typing import Any

from support.user import User
from support.waiting import eventually

SAMPLE = "/voices/default/sample"


async def asked(user: User, position: int = 0) -> str:
    """Where the preview of that scene will be."""
    view = await user.get(f"/projects/{user.project}")
    scene = view["script"]["scenes"][position]["id"]
    place = f"/projects/{user.project}/scenes/{scene}/preview"
    await user.post(place)
    return place


async def ready(user: User, place: str) -> dict[str, Any]:
    return await eventually(lambda: _ready(user, place), within=90)


async def _ready(user: User, place: str) -> dict[str, Any] | None:
    answer = await user.get(f"{place}?wait=5")
    return answer if answer["state"] == "ready" else None
