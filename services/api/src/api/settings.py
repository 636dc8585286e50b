"""The API's own settings; those of store, bus, artifacts and process are
``shared.runtime.settings``.
"""

from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from shared.runtime.settings import Settings


class ApiSettings(Settings):
    """``cors_origins`` is a list with commas; empty means that only the page's own origin may call.

    ``relay``: whether this process also moves the outbox (if not, projectors must).
    """

    api_host: str = "127.0.0.1"
    api_port: int = Field(default=5173, ge=0, le=65535)
    auth_mode: Literal["local"] = "local"
    local_user: str = Field(default="local", min_length=1, max_length=200)
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    request_timeout_s: float = Field(default=10, gt=0)
    poll_after_ms: int = Field(default=3_000, ge=100)
    relay: bool = True

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value
