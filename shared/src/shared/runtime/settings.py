"""Settings from the environment, one class a concern. A missing one stops the process with its
name.
"""

import sys
from typing import Final, Literal, TypeVar
from urllib.parse import parse_qs

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

T = TypeVar("T", bound=BaseSettings)

_DATABASE_PARAMETERS: Final = frozenset(
    {
        "command_timeout",
        "database",
        "direct_tls",
        "gsslib",
        "host",
        "krbsrvname",
        "passfile",
        "password",
        "port",
        "service",
        "servicefile",
    }
    | {"prepared_statement_cache_size", "ssl", "sslmode", "target_session_attrs", "user"}
)
_SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)


class BusSettings(Settings):
    """Plain strings: pydantic's address types print the password in their ``repr``."""

    rabbitmq_url: str = Field(repr=False)
    publish_timeout_s: float = Field(default=10, gt=0)


class StoreSettings(Settings):
    database_url: str = Field(repr=False)
    database_pool: int = Field(default=5, ge=1, le=100)

    @field_validator("database_url")
    @classmethod
    def _parameters_known(cls, url: str) -> str:
        """The driver would refuse others at each connection, as if the database were away."""
        said = parse_qs(url.rpartition("@")[2].partition("?")[2], keep_blank_values=True)
        if unknown := ", ".join(sorted(said.keys() - _DATABASE_PARAMETERS)):
            raise ValueError(f"unknown parameters of the address: {unknown}")
        if not {*said.get("ssl", []), *said.get("sslmode", [])} <= set(_SSL_MODES):
            raise ValueError(f"sslmode is one of {', '.join(_SSL_MODES)}")
        return url


class S3Settings(Settings):
    """How buckets are reached; nothing of it matters to folders.

    No endpoint: Amazon's. No key: as S3 tools find theirs. ``s3_path_style`` off: the bucket is in
    the host's name, and ``s3_endpoint`` has it too.
    """

    s3_endpoint: str = Field(default="", pattern="^(https?://.+)?$")
    s3_region: str = "us-east-1"
    s3_access_key_id: str = Field(default="", repr=False)
    s3_secret_access_key: str = Field(default="", repr=False)
    s3_path_style: bool = True


class ArtifactSettings(S3Settings):
    """``file:///folder`` or ``s3://bucket/prefix``."""

    artifacts_url: str = Field(repr=False)


class ProcessSettings(Settings):
    """``health_port`` 0 takes a free one (it is logged)."""

    log_level: str = "INFO"
    log_format: str = Field(default="console", pattern="^(console|json)$")
    health_host: str = "127.0.0.1"
    health_port: int = Field(default=0, ge=0, le=65535)
    grace_s: float = Field(default=20, gt=0)


class VoiceSettings(Settings):
    """Which voice new runs pin (``shared.voice_choice``), and how to reach those on the network.

    ``voice`` "auto": the neural one where it is installed, else espeak-ng. ``voice_timeout_s``
    bounds one call, ``voice_idle_s`` the silence within it.
    """

    voice: Literal["auto", "kokoro", "espeak", "edge", "openai"] = "auto"
    voice_timeout_s: float = Field(default=100, gt=0, le=600)
    voice_idle_s: float = Field(default=20, gt=0)
    edge_proxy: str = Field(default="", repr=False)
    openai_api_key: str = Field(default="", repr=False)
    openai_tts_base_url: str = "https://api.openai.com/v1"
    openai_tts_model: str = "gpt-4o-mini-tts"


class ImageSettings(Settings):
    """Who makes pictures for new runs (``shared.makers``).

    ``image_timeout_s`` bounds one call. ``image_sizes`` are asked for in the aspects 16:9, 9:16 and
    1:1; without them the provider's own size.
    """

    image: Literal["off", "openai", "custom"] = "off"
    image_base_url: str = Field(default="", repr=False)
    image_api_key: str = Field(default="", repr=False)
    image_model: str = ""
    image_timeout_s: float = Field(default=300, gt=0, le=600)
    image_sizes: str = Field(
        default="1536x1024,1024x1536,1024x1024", pattern=r"^(\d+x\d+,\d+x\d+,\d+x\d+)?$"
    )


class FootageSettings(Settings):
    """Who makes footage for new runs (``shared.makers``): a provider with DashScope's protocol.

    ``footage_timeout_s`` bounds the wait for one job, which is asked after every
    ``footage_poll_s``. ``footage_sizes`` as ``image_sizes``; ``footage_seconds`` None: the model's
    own length.
    """

    footage: Literal["off", "dashscope"] = "off"
    footage_base_url: str = Field(default="https://dashscope.aliyuncs.com/api/v1", repr=False)
    footage_api_key: str = Field(default="", repr=False)
    footage_model: str = ""
    footage_timeout_s: float = Field(default=840, gt=0, le=840)
    footage_poll_s: float = Field(default=5, gt=0, le=60)
    footage_seconds: int | None = Field(default=None, ge=1, le=30)
    footage_sizes: str = Field(
        default="1280*720,720*1280,960*960", pattern=r"^(\d+\*\d+,\d+\*\d+,\d+\*\d+)?$"
    )


class WriterSettings(Settings):
    """Which writer new runs pin (``shared.writers``), and how to reach a language model.

    ``llm_timeout_s`` bounds one call, ``llm_idle_s`` the silence within it. ``llm_charges``:
    whether a call costs money (None: as the preset knows). ``llm_unanswered``: whether a call to
    which no answer began counts as free and is said again ("retry"), or is left to the user
    ("ask").
    """

    writer: Literal["offline", "openai", "deepseek", "qwen", "moonshot", "ollama", "custom"] = (
        "offline"
    )
    llm_base_url: str = Field(default="", repr=False)
    llm_api_key: str = Field(default="", repr=False)
    llm_model: str = ""
    llm_timeout_s: float = Field(default=600, gt=0, le=600)
    llm_idle_s: float = Field(default=120, gt=0)
    llm_format: Literal["auto", "json_schema", "json_object"] = "auto"
    llm_max_tokens: int | None = Field(default=None, ge=256)
    llm_charges: bool | None = None
    llm_unanswered: Literal["retry", "ask"] = "retry"


def read(kind: type[T]) -> T:
    """The settings, or an end of the process that names every missing or wrong variable."""
    try:
        return kind()
    except ValidationError as wrong:
        lines = [
            f"  {'.'.join(map(str, error['loc'])).upper()}: {error['msg']}"
            for error in wrong.errors()
        ]
        sys.exit("Settings are missing or wrong:\n" + "\n".join(lines))
