"""Uploads as scripts and options name them: ``upload:<id>``, or the bytes as answers show them.

A path is the hash of bytes, not a right to them: only the caller's own are found.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import User
from api.errors import RefusedError
from api.requests import EditedScene, UploadedPicture
from shared.foreign.sniffing import Kind
from shared.looks import is_own_music
from shared.messages.manifest import Blob
from shared.messages.script import Card, PictureCard, Script
from shared.store import tables

UPLOAD: Final = "upload:"
_U = tables.uploads


async def own_blob(conn: AsyncConnection, user: User, kind: Kind, name: str) -> Blob:
    """Raises RefusedError ``upload_not_found`` for what is unknown, foreign or of another kind."""
    named = _U.c.blob["path"].astext == name
    if name.startswith(UPLOAD):
        named = _U.c.id == _id_of(name)
    query = select(_U.c.blob).where(_U.c.user_id == user.id, _U.c.kind == kind, named).limit(1)
    blob = (await conn.execute(query)).scalar()
    if blob is None:
        raise RefusedError("upload_not_found")
    return Blob.model_validate(blob)


async def music_of(conn: AsyncConnection, user: User, music: str, *, present: str = "") -> str:
    """``music`` as options keep it: an upload as the path of its bytes. What is chosen at
    ``present`` may stay, even when its upload is gone.
    """
    own = music.startswith(UPLOAD) or is_own_music(music)
    if not own or music == present:
        return music
    return (await own_blob(conn, user, "music", music)).path


async def cards_of(
    conn: AsyncConnection, user: User, scenes: Sequence[EditedScene], present: Script | None
) -> list[Card]:
    """The scenes' cards, each upload replaced by its bytes. What the ``present`` script shows may
    stay, even when its upload is gone.
    """
    shown = [scene.card for scene in present.scenes] if present else []
    known = {
        card.picture.path: card.picture
        for card in shown
        if isinstance(card, PictureCard) and card.picture
    }
    cards: list[Card] = []
    for card in (scene.card for scene in scenes):
        name = _picture_of(card)
        if name is not None and name not in known:
            known[name] = await own_blob(conn, user, "picture", name)
        picture = known[name] if name is not None else None
        if isinstance(card, UploadedPicture):
            own = card.model_dump(include={"caption", "prompt", "take"})
            cards.append(PictureCard(picture=picture, **own))
        elif isinstance(card, PictureCard):
            cards.append(card.model_copy(update={"picture": picture}))
        else:
            cards.append(card)
    return cards


def _picture_of(card: Card | UploadedPicture) -> str | None:
    if isinstance(card, UploadedPicture):
        return card.picture
    if isinstance(card, PictureCard) and card.picture is not None:
        return card.picture.path
    return None


def _id_of(name: str) -> UUID:
    try:
        return UUID(name.removeprefix(UPLOAD))
    except ValueError:
        raise RefusedError("upload_not_found") from None
