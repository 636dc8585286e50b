"""Waiting that a stop ends, and that a condition ends no sooner than it may."""

import asyncio
from collections.abc import Iterator

from shared.runtime.pausing import until


async def test_what_holds_at_once_is_still_waited_for_as_long_as_was_asked() -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()

    await until(lambda: True, asyncio.Event(), after_s=0.05, every_s=10)

    assert loop.time() - begun >= 0.05


async def test_it_is_asked_again_until_it_holds() -> None:
    answers: Iterator[bool] = iter([False, False, True])

    await until(lambda: next(answers), asyncio.Event(), after_s=0, every_s=0.001)

    assert next(answers, None) is None


async def test_a_stop_ends_it_without_asking() -> None:
    stop = asyncio.Event()
    asked: list[bool] = []
    waiting = asyncio.create_task(
        until(lambda: bool(asked.append(True)), stop, after_s=3_600, every_s=3_600)
    )

    stop.set()

    await waiting
    assert asked == []
