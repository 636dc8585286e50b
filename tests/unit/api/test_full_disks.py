"""Which server a failed write is told of."""

import errno
from pathlib import Path

import pytest
from fastapi import Request
from starlette.types import Message

from api.decoding import Intake
from api.errors import refusal_of


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "artifacts_unavailable"),
        (errno.EDQUOT, "artifacts_unavailable"),
        (errno.EROFS, "artifacts_unavailable"),
        (errno.ECONNREFUSED, "database_unavailable"),
    ],
)
def test_a_disk_that_takes_nothing_is_not_the_database(number: int, code: str) -> None:
    assert refusal_of(OSError(number, "said the system")).code == code


async def test_an_upload_that_finds_the_disk_full_asks_to_come_again(tmp_path: Path) -> None:
    (tmp_path / "received").symlink_to("/dev/full")

    async def receive() -> Message:
        return {"type": "http.request", "body": bytes(100_000), "more_body": False}

    headers = [(b"content-type", b"image/jpeg")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)

    with pytest.raises(OSError, match="No space") as full:
        await Intake(most_bytes=1_000_000).taken(request, tmp_path)

    assert refusal_of(full.value).code == "artifacts_unavailable"
