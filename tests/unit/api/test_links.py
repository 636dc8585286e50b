"""Signed links: what opens, and what does not."""

import json
from datetime import timedelta
from typing import cast
from uuid import UUID, uuid4

import jwt
import pytest
from fastapi import Request
from itsdangerous import Signer

from api.auth import User
from api.errors import RefusedError
from api.files import File
from api.links import Links
from shared.artifacts.store import ArtifactStore
from shared.messages.manifest import Blob

SECRET = "a secret of the tests that is long enough"
NAMES = [
    "video.mp4",
    "captions.vtt",
    f"scenes/{uuid4()}.mp4",
    f"previews/{uuid4()}/{'0a' * 32}.mp4",
    f"pictures/{'0a' * 32}.jpg",
]


def links(secret: str = SECRET) -> Links:
    return Links(secret, ttl_s=60, prefix="/api")


def signed_in(url: str) -> str:
    return url.removeprefix("/api/links/").split("/")[0]


@pytest.mark.parametrize("user", ["local", "auth0|0123456789abcdef01234567", "安" * 200])
@pytest.mark.parametrize("project", [uuid4(), None], ids=["a project", "a sample"])
@pytest.mark.parametrize("name", NAMES)
def test_a_link_opens_what_it_was_made_for(user: str, project: UUID | None, name: str) -> None:
    signed = signed_in(links().to(User(id=user), project, name).url)

    owner, found, opened = links().opened(signed)

    assert (owner.id, found, opened) == (user, project, name)


@pytest.mark.parametrize("user", ["local", "auth0|0123456789abcdef01234567"])
@pytest.mark.parametrize("name", NAMES)
def test_no_part_of_a_link_begins_with_a_dot_which_gateways_refuse(user: str, name: str) -> None:
    assert "/." not in links().to(User(id=user), uuid4(), name).url


def _theirs() -> str:
    return signed_in(links("another secret that is long enough").to(User(id="ann"), None, "x").url)


def _changed() -> str:
    _, signature = signed_in(links().to(User(id="ann"), None, "x").url).split(".")
    payload, _ = signed_in(links().to(User(id="bob"), None, "x").url).split(".")
    return f"{payload}.{signature}"


@pytest.mark.parametrize(
    "signed",
    [
        pytest.param(_theirs(), id="another secret"),
        pytest.param(_changed(), id="another user under the same signature"),
        pytest.param(
            Signer(SECRET, salt="something else").sign(json.dumps(["ann"])).decode(),
            id="signed for something else",
        ),
        pytest.param(jwt.encode({"sub": "ann"}, SECRET, "HS256"), id="a token"),
        *[pytest.param(text, id=repr(text)) for text in ("", ".", "..", "x", "é.ü", "\ud800.x")],
    ],
)
def test_nothing_else_opens(signed: str) -> None:
    with pytest.raises(RefusedError) as refused:
        links().opened(signed)

    assert refused.value.code == "link_invalid"


class Bucket:
    """A store whose files have addresses of their own."""

    async def has(self, _: Blob) -> bool:
        return True

    async def signed(self, blob: Blob, _: timedelta) -> str:
        return f"https://bucket.example/{blob.path}"


@pytest.mark.parametrize(
    ("name", "beyond"),
    [("video.mp4", True), (NAMES[2], True), (f"previews/{'0a' * 32}.mp4", False)],
)
async def test_a_page_plays_previews_from_us_alone(name: str, *, beyond: bool) -> None:
    redirecting = Links(SECRET, ttl_s=60, prefix="/api", redirects=True)
    blob = Blob(path=f"blob/{'0a' * 32}.mp4", size=1, media_type="video/mp4")
    request, bucket = Request({"type": "http", "method": "GET"}), cast("ArtifactStore", Bucket())

    led = await redirecting.beyond(request, name, File(blob=blob, name="title.mp4"), bucket)

    assert (led is not None) == beyond
