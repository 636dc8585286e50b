"""How the demo shows a status: bars in a terminal, lines in a log."""

from collections.abc import Iterable
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

Json = dict[str, Any]
STAGES: Final = {
    "script": "Script",
    "voice": "Voices",
    "visual": "Pictures",
    "clip": "Clips",
    "assembly": "Assembly",
}
_WIDTH: Final = 40


def board(status: Json, seconds: float) -> RenderableType:
    """The whole status at one moment."""
    bars = Table.grid(padding=(0, 2))
    percent = float(status.get("progress") or 0)
    bars.add_row(*_bar("[b]Video[/]", percent, f"{seconds:.0f} s"))
    for stage in stages_of(status):
        bars.add_row(*_bar(label(stage), float(stage["percent"]), count(stage)))
    message = Text(str(status.get("progressMessage") or ""), style="cyan")
    return Group(bars, message)


def stages_of(status: Json) -> list[Json]:
    return status.get("stages", [])


def label(stage: Json) -> str:
    return STAGES.get(str(stage["stage"]), str(stage["stage"]))


def count(stage: Json) -> str:
    """``4 of 6``, and how many were there already."""
    reused = f", {stage['reused']} kept" if stage.get("reused") else ""
    return f"{stage['done']} of {stage['total']}{reused}"


def line(status: Json) -> str:
    """The same for a log: one line."""
    stages = [stage for stage in stages_of(status) if stage["total"]]
    counts = " · ".join(f"{label(stage)} {count(stage)}" for stage in stages)
    return (
        f"{int(status.get('progress') or 0):3d} %  {status.get('progressMessage') or ''}  {counts}"
    )


def shares(stages: Iterable[Json]) -> list[tuple[str, float, float]]:
    """Stage, busy seconds, percent of all busy seconds."""
    busy = [(label(stage), float(stage.get("busySeconds") or 0)) for stage in stages]
    whole = sum(seconds for _, seconds in busy) or 1.0
    return [(name, seconds, 100 * seconds / whole) for name, seconds in busy]


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
