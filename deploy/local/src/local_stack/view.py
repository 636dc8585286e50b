"""How the demo shows a status: bars for the whole and for each stage, in a terminal or line by line."""

from collections.abc import Iterable
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

Json = dict[str, Any]
STAGES: Final = {"script": "Script", "voice": "Voices", "clip": "Clips", "assembly": "Assembly"}
_WIDTH: Final = 40


def board(status: Json, seconds: float) -> RenderableType:
    """The whole status at one moment."""
    bars = Table.grid(padding=(0, 2))
    percent = float(status.get("progress") or 0)
    bars.add_row(*_bar("[b]Video[/]", percent, f"{seconds:.0f} s"))
    for stage in status.get("stages") or []:
        bars.add_row(
            *_bar(STAGES.get(stage["stage"], stage["stage"]), stage["percent"], count(stage))
        )
    message = Text(str(status.get("progressMessage") or ""), style="cyan")
    return Group(bars, message)


def count(stage: Json) -> str:
    """``4 of 6``, and how many were there already."""
    reused = f", {stage['reused']} kept" if stage.get("reused") else ""
    return f"{stage['done']} of {stage['total']}{reused}"


def line(status: Json) -> str:
    """The same for a log: one line."""
    stages = [s for s in status.get("stages") or [] if s["total"]]
    counts = " · ".join(f"{STAGES.get(s['stage'], s['stage'])} {count(s)}" for s in stages)
    return (
        f"{int(status.get('progress') or 0):3d} %  {status.get('progressMessage') or ''}  {counts}"
    )


def shares(stages: Iterable[Json]) -> list[tuple[str, float, float]]:
    """Stage, busy seconds, percent of all busy seconds."""
    busy = [(str(s["stage"]), float(s.get("busySeconds") or 0)) for s in stages]
    whole = sum(seconds for _, seconds in busy) or 1.0
    return [(STAGES.get(name, name), s, 100 * s / whole) for name, s in busy]


def show_script(console: Console, script: Json) -> None:
    console.print(f"\n[b]{script.get('title') or ''}[/]")
    for number, scene in enumerate(script["scenes"], 1):
        text = Text(f"{number:3d}  ")
        text.append(str(scene.get("heading") or ""), style="bold")
        text.append(f"  {scene['narration']}")
        text.truncate(max(console.width, 40), overflow="ellipsis")
        console.print(text)
    console.print()


def show_times(console: Console, *, started_s: float, whole_s: float, stages: list[Json]) -> None:
    table = Table("stage", "working seconds", "share", box=None, title="Where the time went")
    for name, seconds, share in shares(stages):
        table.add_row(name, f"{seconds:.1f}", f"{share:.0f} %")
    console.print(table)
    console.print(f"start {started_s:.1f} s · in all {whole_s:.1f} s\n")


def _bar(name: str, percent: float, beside: str) -> tuple[RenderableType, ...]:
    bar = ProgressBar(total=100, completed=percent, width=_WIDTH)
    return Text.from_markup(name), bar, Text(f"{percent:3.0f} %"), Text(beside)
