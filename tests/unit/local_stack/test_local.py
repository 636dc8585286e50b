"""What a stack says of itself while it runs."""

import asyncio
from contextlib import suppress
from pathlib import Path

from support.waiting import eventually

from local_stack.local import Local
from local_stack.settings import StackSettings
from local_stack.state import StateFile


async def test_a_stack_that_could_not_say_how_it_stands_says_so_later(tmp_path: Path) -> None:
    in_the_way = tmp_path / "stack.partial"
    in_the_way.mkdir()
    settings = StackSettings(_env_file=None, reelay_dir=tmp_path)  # pyright: ignore[reportCallIssue]
    telling = asyncio.create_task(Local(settings).tell_on())
    await asyncio.wait([telling], timeout=0.1)
    assert not telling.done()

    in_the_way.rmdir()

    await eventually(lambda: StateFile(tmp_path).running() is not None)
    telling.cancel()
    with suppress(asyncio.CancelledError):
        await telling
