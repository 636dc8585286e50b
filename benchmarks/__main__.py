"""``python -m benchmarks [b3 …] [--rounds 5] [--smoke]``: measures, prints, keeps the results and
writes ``docs/performance.md``. ``--smoke`` proves that the suite runs, and keeps nothing.
"""

import argparse
import asyncio
import compileall
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol

import uvloop

from benchmarks import (
    b1_jobs,
    b2_facts,
    b3_status,
    b4_growth,
    b5_pages,
    b6_render,
    b7_workers,
    b8_edit,
    b9_start,
    report,
    servers,
)
from benchmarks.rounds import Result


class Measure(Protocol):
    def __call__(
        self, rounds: int, say: Callable[[str], None], *, smoke: bool = False
    ) -> Awaitable[Result]: ...


ALL: Mapping[str, Measure] = {
    "b1": b1_jobs.measure,
    "b2": b2_facts.measure,
    "b3": b3_status.measure,
    "b4": b4_growth.measure,
    "b5": b5_pages.measure,
    "b6": b6_render.measure,
    "b7": b7_workers.measure,
    "b8": b8_edit.measure,
    "b9": b9_start.measure,
}
# Compiled first, as an installed package is: where Python is told to write no bytecode, each
# process would do it again.
_SOURCES: Final = ("shared", "services", "deploy/local", "benchmarks")
# What runs beside one another when nothing is measured: each lane has queues and stacks of its own.
_LANES: Final = (("b1", "b2", "b5", "b7"), ("b3", "b6", "b4"), ("b8", "b9"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("only", nargs="*", choices=[*ALL, []], help="all, if none is named")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--smoke", action="store_true")
    said = parser.parse_args()
    names: list[str] = said.only or [*ALL]
    if said.smoke:
        uvloop.run(_smoke(names))
    else:
        for sources in _SOURCES:
            if not compileall.compile_dir(servers.ROOT / sources, quiet=1):
                sys.exit(f"{sources} can't be compiled")
        for name in names:
            result = uvloop.run(ALL[name](said.rounds, _say))
            _tell(result)
            report.save(result)
            report.write_page()


async def _smoke(names: Sequence[str]) -> None:
    async with servers.kept(), asyncio.TaskGroup() as lanes:
        for lane in _LANES:
            lanes.create_task(_smoked([name for name in lane if name in names]))


async def _smoked(names: Sequence[str]) -> None:
    for name in names:
        began = time.perf_counter()
        result = await ALL[name](1, lambda _: None, smoke=True)
        _say(f"\n{name} ran: {time.perf_counter() - began:.0f} s")
        _tell(result)
        with TemporaryDirectory() as folder:
            kept = Path(folder)
            report.save(result, kept, kept)
            report.section(report.load(kept / f"{result.id}.json"))


def _tell(result: Result) -> None:
    for line in (*report.table(result), "", *report.claims_table(result.ratios())):
        _say(line)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
