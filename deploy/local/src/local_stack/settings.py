"""What a user may say about the local stack, in the environment or in ``.env``."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from shared.runtime.settings import Settings


class StackSettings(Settings):
    """Without addresses, or with ``reelay_servers=private``, the stack runs servers of its own.
    ``grace_s``: seconds that services get for the work in hand when the stack is stopped.
    """

    database_url: str | None = Field(default=None, repr=False)
    rabbitmq_url: str | None = Field(default=None, repr=False)
    reelay_servers: Literal["auto", "private"] = "auto"
    reelay_dir: Path = Path(".reelay")
    api_port: int = Field(default=5173, ge=1, le=65535)
    grace_s: float = Field(default=5, gt=0, le=900)

    @property
    def given_database(self) -> str | None:
        return self.database_url if self.reelay_servers == "auto" else None

    @property
    def given_rabbitmq(self) -> str | None:
        return self.rabbitmq_url if self.reelay_servers == "auto" else None
