"""Servers that are started again when they die."""

import asyncio
from contextlib import suppress

import pytest
from support.waiting import eventually

from local_stack.errors import ServerFailedError
from local_stack.keeper import Keeper


class Server:
    """Fails to start as told, once, and runs from then on."""

    name = "postgres"

    def __init__(self, failure: Exception) -> None:
        self.alive = False
        self._failures = [failure]

    async def start(self) -> None:
        if self._failures:
            raise self._failures.pop()
        self.alive = True


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(ServerFailedError("no answer"), id="it does not answer"),
        pytest.param(OSError("No space left on device"), id="the disk is full"),
    ],
)
async def test_a_server_that_could_not_be_started_is_started_again(failure: Exception) -> None:
    server = Server(failure)
    keeping = asyncio.create_task(Keeper([server]).run())

    await eventually(lambda: server.alive)

    assert not keeping.done()
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
