"""B9: how soon a stack is ready, what its services need before their first task, what they read."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from shutil import rmtree

from benchmarks.local import local_stack, memories
from benchmarks.machine import described
from benchmarks.rounds import Claim, Contender, Figures, Result, in_turn
from benchmarks.servers import FOLDER
from local_stack.processes import run
from local_stack.stack import MODULES

COLUMNS = {
    "demo_s": "`make demo`, s",
    "ready_s": "all ready after, s",
    "import_s": "imports, s",
    "idle_mb": "idle memory, MB",
}
FIRST, SECOND = "first start, no data", "second start"
DEMO, DEMO_AGAIN = "the demo, no data", "the demo again"

DEMO_FOLDER = FOLDER / "demo"


async def measure(
    rounds: int,
    say: Callable[[str], None],
    *,
    smoke: bool = False,
) -> Result:
    idle: dict[str, list[float]] = {}

    async def started(*, anew: bool) -> Figures:
        began = time.monotonic()
        async with local_stack(anew=anew) as stack:
            ready_s = time.monotonic() - began
            for name, memory in memories(stack).items():
                idle.setdefault(name, []).append(memory)
        return {"ready_s": ready_s}

    def service(name: str, module: str) -> Contender:
        async def contender() -> Figures:
            return {"import_s": await _import_s(module), "idle_mb": idle[name][-1]}

        return contender

    contenders: dict[str, Contender] = {
        FIRST: lambda: started(anew=True),
        SECOND: lambda: started(anew=False),
        **(
            {} if smoke else {DEMO: lambda: _demo(anew=True), DEMO_AGAIN: lambda: _demo(anew=False)}
        ),
        **{name: service(name, module) for name, module in MODULES.items()},
    }
    series = await in_turn(contenders, rounds, say, backwards=False)
    return Result(
        id="b9",
        title="starting",
        columns=COLUMNS,
        series=series,
        claims=[
            Claim(text="second start, s", metric="ready_s", of=SECOND, bar=12, above=False),
            *(
                claim
                for name in MODULES
                for claim in (
                    Claim(text=f"{name}: imports, s", metric="import_s", of=name, bar=1.3,
                          above=False),
                    Claim(text=f"{name}: idle memory, MB", metric="idle_mb", of=name, bar=100,
                          above=False),
                )
            ),
        ],
        notes=[
            "`make up` with private servers: PostgreSQL, RabbitMQ, and every service ready. The "
            "first start makes both servers' data and the tables; programs are installed already.",
            "The demo: `make demo SECONDS=15` without its first line (what is installed already): "
            "from nothing, or in a folder where it has been before, to the finished video, and "
            "until all that it started has ended. Again, it finds most of what it made before.",
            "Imports: from a new interpreter until all that the service loads is there, bytecode "
            "compiled before. Until 27 November, the interpreter's end was counted too, 0.2 s of "
            "the API's figure; services leave without it.",
            "Idle memory: resident, when the stack has just become ready.",
        ],
        about=described("pydantic", "faststream", "sqlalchemy"),
    )  # fmt: skip


async def _demo(*, anew: bool) -> Figures:
    """From the command to the video and the end of everything that it started."""
    if anew:
        rmtree(DEMO_FOLDER, ignore_errors=True)
    command = [sys.executable, "-m", "local_stack", "demo"]
    env = {**os.environ, "REELAY_DIR": str(DEMO_FOLDER), "REELAY_SERVERS": "private"}
    began = time.monotonic()
    log = FOLDER / "logs" / "demo.log"
    if await run(command, log=log, env={**env, "DEMO_SECONDS": "15"}, within_s=600):
        raise RuntimeError(f"the demo failed; see {log}")
    return {"demo_s": time.monotonic() - began}


async def _import_s(package: str) -> float:
    """Services leave without taking the interpreter down, so that is not counted."""
    load = "from shared.runtime.loading import lean\nwith lean():\n    import "
    code = f"{load}{package}.main\nimport os\nos._exit(0)"
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    if await process.wait():
        raise RuntimeError(f"{package} can't be imported")
    return time.monotonic() - began
