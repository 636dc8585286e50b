"""``make demo``: an article becomes a video, seen through the public HTTP API alone."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.live import Live

from local_stack.client import Client
from local_stack.errors import StackError
from local_stack.local import Local
from local_stack.order import Order, file_name, order_from
from local_stack.settings import StackSettings
from local_stack.state import StateFile
from local_stack.version import refuse_other
from local_stack.view import board, line, show_script, show_times

Json = dict[str, Any]
_OUTPUT: Final = Path("output")
_EXAMPLES: Final = Path("examples")
_FASTEST_LOOK_S: Final = 0.4


class DemoFailedError(StackError):
    code = "demo_failed"


def demo_run(settings: StackSettings, console: Console) -> int:
    """The exit code: 0 with a video, 1 with a reason, 130 after Ctrl-C."""
    logs = settings.reelay_dir.absolute() / "logs"
    try:
        asyncio.run(_interruptible(_demo(settings, console)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("\nStopped.")
        return 130
    except StackError as failed:
        console.print(f"\n{failed}", style="red", markup=False, highlight=False, soft_wrap=True)
        console.print(f"Logs: {logs}", markup=False, highlight=False, soft_wrap=True)
        return 1
    return 0


async def _interruptible(work: Any) -> None:
    """SIGTERM ends the work as Ctrl-C does: everything is put away first."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await task


async def _demo(settings: StackSettings, console: Console) -> None:
    order = order_from(os.environ, _EXAMPLES)
    began = time.monotonic()
    async with reached(settings, console) as api_url, Client(api_url) as client:
        started_s = time.monotonic() - began
        console.print(f"Started in {started_s:.1f} s: {api_url}", highlight=False)
        status, files = await made(client, order, console)
        stages: list[Json] = status["stages"]
        whole_s = time.monotonic() - began
    show_times(console, started_s=started_s, whole_s=whole_s, stages=stages)
    for file in files:
        console.print(str(file.absolute()), markup=False, highlight=False, soft_wrap=True)


@asynccontextmanager
async def reached(settings: StackSettings, console: Console) -> AsyncGenerator[str]:
    """The API of the stack that runs here, else of one that lives as long as this demo."""
    running = StateFile(settings.reelay_dir.absolute()).running()
    if running is not None and running.phase == "ready":
        refuse_other(running)
        yield running.api_url
        return
    local = Local(settings, demo=True)
    telling: asyncio.Task[None] | None = None
    try:
        with console.status("Starting") as shown:
            stack = await local.start(lambda text: shown.update(f"{text} ..."))
        telling = asyncio.create_task(local.tell_on())
        yield stack.api_url
    finally:
        if telling is not None:
            telling.cancel()
        await asyncio.shield(local.stop())


async def made(client: Client, order: Order, console: Console) -> tuple[Json, list[Path]]:
    """Orders script and video, follows both, saves the results; answers the last status."""
    project = await client.create(order.body)
    await client.order(project, "script")
    scripted = await followed(
        client, project, console, lambda s: s["status"] == "DRAFT" and s["scriptReady"]
    )
    show_script(console, (await client.project(project))["script"])
    console.print("Script confirmed; making the video.")
    await client.order(project, "production")
    ends = ("EDITING", "COMPLETED")  # the second when its user has accepted it on the page
    status = await followed(client, project, console, lambda s: s["status"] in ends)
    files = [_OUTPUT / f"{file_name(order.title)}{end}" for end in (".mp4", ".srt")]
    for name, file in zip(("video.mp4", "captions.srt"), files, strict=True):
        await client.save(project, name, file)
    await client.notified(project)
    written = [s for s in scripted["stages"] if s["stage"] == "script"]
    others = [s for s in status["stages"] if s["stage"] != "script"]
    return {**status, "stages": [*written, *others]}, files


async def followed(
    client: Client, project: str, console: Console, finished: Callable[[Json], bool]
) -> Json:
    """Shows every change until ``finished``. Raises DemoFailedError with the run's own reason, or
    when nothing runs any more.
    """
    began, last = time.monotonic(), ""
    live = Live(console=console, refresh_per_second=8) if console.is_terminal else nullcontext()
    with live as shown:
        while True:
            status = await client.status(project)
            if shown is not None:
                shown.update(board(status, time.monotonic() - began))
            elif (now := line(status)) != last:
                console.print(last := now, highlight=False, markup=False, soft_wrap=True)
            if status["status"] == "FAILED":
                error: Json = status.get("error") or {}
                raise DemoFailedError(f"{error.get('code')}: {error.get('message')}")
            if finished(status):
                return status
            if status["pollAfterMs"] is None:
                raise DemoFailedError(f"Nothing runs any more: the run is {status['runState']}.")
            await asyncio.sleep(min(status["pollAfterMs"] / 1000, _FASTEST_LOOK_S))
