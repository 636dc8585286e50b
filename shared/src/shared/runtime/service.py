"""Start, stop and signals: one way for every service."""

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, NoReturn

import structlog
import uvloop

from shared.errors import StoppedError
from shared.runtime import logs
from shared.runtime.leaving import leave
from shared.runtime.pausing import paused
from shared.runtime.settings import ProcessSettings, read

_CUT_S: Final = 3.0
_log = structlog.get_logger()
Main = Callable[[ProcessSettings, asyncio.Event], Awaitable[None]]


def run(name: str, main: Main) -> NoReturn:
    """Runs ``main(settings, stop)`` until SIGTERM or SIGINT sets ``stop``; exits 0 when it
    returned by itself. A second signal cuts off what is still going on, and the exit is 1.
    """
    settings = read(ProcessSettings)
    logs.set_up(level=settings.log_level, form=settings.log_format, service=name)

    async def guarded() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        working = asyncio.current_task()

        def told() -> None:
            if stop.is_set() and working is not None:
                loop.call_later(_CUT_S, os._exit, 1)  # whatever holds on is left behind
                working.cancel()
            stop.set()

        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, told)
        _log.info("service.starting")
        with suppress(StoppedError):
            await main(settings, stop)
        _log.info("service.stopped")

    try:
        uvloop.run(guarded())
    except asyncio.CancelledError:
        _log.warning("service.cut")
        leave(1)
    except Exception:  # noqa: BLE001  (the process's top)
        _log.exception("service.crashed")
        leave(1)
    leave()


def seldom_search_cycles() -> None:
    """For a service that makes many values a second and few cycles: far more seldom than by
    Python's (700, 10, 10), which took a quarter of the projector's time and held up the API's
    streams by half a second.
    """
    gc.set_threshold(50_000, 25, 25)


async def supervised(
    name: str, work: Callable[[], Coroutine[Any, Any, None]], stop: asyncio.Event
) -> None:
    """Runs a loop for the process's life: one that ends or raises is started again after a second.

    CancelledError that is not ours (a client library cancels what waits on a lost connection) is a
    crash like any other, not an end.
    """
    while not stop.is_set():
        try:
            await work()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            _log.warning("loop.cut", loop=name)
        except StoppedError:
            return
        except OSError as away:  # a server that is away is no fault of ours
            _log.warning("loop.cut", loop=name, reason=repr(away))
        except Exception:  # noqa: BLE001  (a loop's top)
            _log.exception("loop.crashed", loop=name)
        await paused(stop, 1)
