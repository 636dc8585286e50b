"""Places that hold files: a folder, or a bucket of any S3-compatible server, by address and
settings.
"""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from obstore.store import LocalStore, ObjectStore, S3Store, from_url

from shared.runtime.settings import S3Settings

if TYPE_CHECKING:  # names that it has for type checkers alone
    from obstore import Attributes
    from obstore.store import S3Config


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
