"""Places that hold files: a folder, or a bucket of any S3-compatible server, by address and
settings.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from obstore import open_writer_async
from obstore.exceptions import BaseError, GenericError
from obstore.store import LocalStore, ObjectStore, S3Store, from_url

from shared.runtime.settings import S3Settings

if TYPE_CHECKING:  # names that it has for type checkers alone
    from obstore import Attributes
    from obstore.store import S3Config

# The least that S3 takes as a part of an object.
PART: Final = 5 << 20
_PARTS_AT_ONCE: Final = 4
_TAKING_BACK_S: Final = 5.0


def root_of(url: str) -> Path | None:
    """The folder that ``file:///folder`` names; None for any other address."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme in {"", "file"} else None


def place(url: str, access: S3Settings | None = None) -> ObjectStore:
    """``file:///folder`` (made if absent), ``s3://bucket/prefix``, or what else obstore takes."""
    root = root_of(url)
    if root is not None:
        root.mkdir(parents=True, exist_ok=True)
        return LocalStore(root)
    parts = urlsplit(url)
    if parts.scheme != "s3" or access is None:
        return from_url(url)
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config=_config(access),
        client_options={"allow_http": access.s3_endpoint.startswith("http://")},
    )


async def put_stream(
    store: ObjectStore, path: str, pieces: AsyncGenerator[bytes], media_type: str
) -> None:
    """Stores the pieces as one object, which exists once all of it is there. Not more than a few
    parts of 5 MiB are held in memory. What breaks off or is cancelled takes its parts back; once
    the last piece was taken, it is finished even so.
    """
    writer = open_writer_async(
        store,
        path,
        attributes=attributes_for(store, media_type),
        buffer_size=PART,
        max_concurrency=_PARTS_AT_ONCE,
    )
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                await writer.write(piece)
    except BaseException as broken:
        # Only so does a writer give up; without it, the bucket keeps the parts.
        with suppress(BaseError, OSError):  # a TimeoutError is one
            async with asyncio.timeout(_TAKING_BACK_S):
                await writer.__aexit__(type(broken), broken, broken.__traceback__)  # pyright: ignore[reportUnknownMemberType]  (untyped there)
        raise
    try:
        await asyncio.shield(writer.close())
    except FileNotFoundError:
        raise
    except OSError as error:  # what is a BaseError everywhere else
        raise GenericError(str(error)) from error


def attributes_for(store: ObjectStore, media_type: str) -> "Attributes | None":
    """What a bucket says of the bytes to who gets them from it; a folder keeps no such note."""
    return {"Content-Type": media_type} if isinstance(store, S3Store) else None


def _config(access: S3Settings) -> "S3Config":
    """What is not set is left to the environment, as S3 tools read it (``AWS_…``)."""
    config: S3Config = {
        "region": access.s3_region,
        "conditional_put": "etag",
        "virtual_hosted_style_request": not access.s3_path_style,
    }
    if access.s3_endpoint:
        config["endpoint"] = access.s3_endpoint
    if access.s3_access_key_id:
        config["access_key_id"] = access.s3_access_key_id
        config["secret_access_key"] = access.s3_secret_access_key
    return config
