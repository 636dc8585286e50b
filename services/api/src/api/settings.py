"""The API's own settings; those of store, bus, artifacts and process are
``shared.runtime.settings``.
"""

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import NoDecode

from shared.runtime.settings import Settings

KEY_SET_ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
SECRET_ALGORITHMS: Final = frozenset({"HS256", "HS384", "HS512"})


class ApiSettings(Settings):
    """``cors_origins`` is a list with commas; empty means that only the page's own origin may call.

    ``relay``: whether this process also moves the outbox (if not, projectors must).
    ``link_secret`` signs artifact links; without one each start makes its own. Streams give a sign
    of life every ``stream_alive_s``, and drop a reader that takes nothing for ``slow_reader_s``.
    ``page_dir`` holds a built web page instead of the package's own.
    ``link_redirects``: links to videos lead on to the bucket, which callers must reach.
    ``status_cache_bytes`` bounds the statuses that are kept while nothing in them has changed.
    ``database_wait_s``: how long a request waits for a database connection before its 503.
    """

    api_host: str = "127.0.0.1"
    api_port: int = Field(default=5173, ge=0, le=65535)
    local_user: str = Field(default="local", min_length=1, max_length=200)
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    request_timeout_s: float = Field(default=10, gt=0)
    database_wait_s: float = Field(default=1.2, gt=0)
    poll_after_ms: int = Field(default=3_000, ge=100)
    status_cache_bytes: int = Field(default=32_000_000, ge=0)
    relay: bool = True
    max_active_runs: int = Field(default=10, ge=1)
    max_previews: int = Field(default=4, ge=1)
    max_streams: int = Field(default=20, ge=1)
    stream_alive_s: float = Field(default=15, gt=0)
    slow_reader_s: float = Field(default=20, gt=0)
    upload_max_bytes: int = Field(default=15_000_000, ge=1)
    link_secret: str | None = Field(default=None, min_length=32, repr=False)
    page_dir: Path | None = None
    link_ttl_s: int = Field(default=900, ge=10, le=86_400)
    link_redirects: bool = False

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value


class AuthSettings(Settings):
    """``jwt``: tokens of ``jwt_issuer`` for ``jwt_audience``, checked with one secret or with a key
    set from a file or an address; ``jwt_algorithm`` is pinned, whatever a token says.
    ``jwt_tokens_kept``: how many good ones are remembered, until they end.
    """

    auth_mode: Literal["local", "jwt"] = "local"
    jwt_issuer: str = ""
    jwt_audience: str = ""
    jwt_algorithm: str = "RS256"
    jwt_secret: str | None = Field(default=None, min_length=32, repr=False)
    jwt_jwks_file: Path | None = None
    jwt_jwks_url: str | None = Field(default=None, pattern="^https?://")
    jwt_tokens_kept: int = Field(default=16_384, ge=0)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.auth_mode == "local":
            return self
        if not (self.jwt_issuer and self.jwt_audience):
            raise ValueError("AUTH_MODE=jwt needs JWT_ISSUER and JWT_AUDIENCE")
        if sum(map(bool, (self.jwt_secret, self.jwt_jwks_file, self.jwt_jwks_url))) != 1:
            raise ValueError(
                "AUTH_MODE=jwt needs one of JWT_SECRET, JWT_JWKS_FILE and JWT_JWKS_URL"
            )
        if self.jwt_algorithm not in (SECRET_ALGORITHMS if self.jwt_secret else KEY_SET_ALGORITHMS):
            raise ValueError(f"JWT_ALGORITHM={self.jwt_algorithm} does not fit that kind of key")
        return self
