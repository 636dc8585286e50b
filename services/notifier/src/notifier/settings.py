"""The notifier's own settings; those of bus, store and process are ``shared.runtime.settings``."""

import base64
import binascii
from typing import Self

from pydantic import Field, model_validator

from shared.runtime.settings import S3Settings


class HandoverSettings(S3Settings):
    """Where finished videos are handed over, ``file:///folder`` or ``s3://bucket/prefix`` (empty:
    nowhere), and who is told by webhook. The secret is ``whsec_`` and base64 of 24 to 64 bytes.
    """

    handover_url: str = Field(default="", repr=False, pattern="^((file|s3)://.+)?$")
    handover_webhook_url: str = Field(default="", repr=False, pattern="^(https?://.+)?$")
    handover_webhook_secret: str = Field(default="", repr=False)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.handover_webhook_url and not self.handover_url:
            raise ValueError("HANDOVER_WEBHOOK_URL needs HANDOVER_URL")
        if self.handover_webhook_url and not 24 <= len(self.webhook_key) <= 64:
            raise ValueError("HANDOVER_WEBHOOK_SECRET must be whsec_ and base64 of 24 to 64 bytes")
        return self

    @property
    def webhook_key(self) -> bytes:
        """The secret's bytes; none for a text that is no such secret."""
        kind, _, body = self.handover_webhook_secret.partition("_")
        try:
            return base64.b64decode(body, validate=True) if kind == "whsec" else b""
        except binascii.Error:
            return b""
