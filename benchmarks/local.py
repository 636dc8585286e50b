"""The stack of ``make up`` in a folder of the benchmark's own, and what its services use."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from shutil import rmtree

from benchmarks.machine import cpu_seconds, memory_mb
from benchmarks.servers import FOLDER
from local_stack.local import Local
from local_stack.settings import StackSettings
from local_stack.stack import Stack

STACK = FOLDER / "stack"


@asynccontextmanager
async def local_stack(*, anew: bool = True) -> AsyncGenerator[Stack]:
    """Private servers and all services, ready; ``anew``: nothing is left of an earlier one."""
    if anew:
        rmtree(STACK, ignore_errors=True)
    settings = StackSettings(_env_file=None, reelay_servers="private", reelay_dir=STACK)  # pyright: ignore[reportCallIssue]
    local = Local(settings)
    try:
        yield await local.start(lambda _: None)
    finally:
        await local.stop()


def pids(stack: Stack) -> dict[str, int]:
    return {service.name: stack.pid(service.name) for service in stack.services}


def cpu_used(stack: Stack) -> float:
    """Seconds, of all services and their children so far."""
    return sum(cpu_seconds(pid) for pid in pids(stack).values())


def memories(stack: Stack) -> dict[str, float]:
    """MB by service."""
    return {name: memory_mb(pid) for name, pid in pids(stack).items()}
