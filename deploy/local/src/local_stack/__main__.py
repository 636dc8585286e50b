"""``python -m local_stack up | down | status | logs | demo``: what the Makefile calls."""

import asyncio
import os
import shutil
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from local_stack import daemon
from local_stack.demo import demo_run
from local_stack.errors import StackError
from local_stack.settings import StackSettings
from local_stack.state import StackState, StateFile
from shared.runtime.settings import read

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console()


@app.command()
def up() -> None:
    """Start the stack and leave it running."""
    with console.status("Starting the stack ..."):
        state = daemon.up(read(StackSettings))
    show(state)


@app.command()
def down() -> None:
    """Stop it; nothing is lost."""
    with console.status("Stopping the stack ..."):
        ran = daemon.down(read(StackSettings))
    console.print("Stopped; projects and videos are kept." if ran else "Nothing was running.")


@app.command()
def status() -> None:
    """What runs."""
    state = StateFile(read(StackSettings).reelay_dir.absolute()).running()
    if state is None:
        console.print("Nothing is running here. `make up` starts it.")
    else:
        show(state)


@app.command()
def logs(names: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Follow the logs of all processes, or of those named."""
    folder = read(StackSettings).reelay_dir.absolute() / "logs"
    files = sorted(
        str(file)
        for file in folder.glob("*.log")
        if not names or any(file.name.startswith(name) for name in names)
    )
    tail = shutil.which("tail")
    if not files or tail is None:
        console.print(f"No such logs in {folder}")
        raise typer.Exit(1)
    os.execv(tail, [tail, "-n", "20", "-F", *files])  # noqa: S606  (becomes tail)


@app.command()
def serve(*, detach: bool = False) -> None:
    """Run the stack until told to stop, in a session of its own with --detach."""
    if detach:
        os.setsid()
    asyncio.run(daemon.serve(read(StackSettings)))


@app.command()
def demo() -> None:
    """An article becomes a video."""
    raise typer.Exit(demo_run(read(StackSettings), console))


def show(state: StackState) -> None:
    table = Table("process", "pid", "ready", "restarts", box=None)
    for row in state.rows:
        ready = "[green]yes[/]" if row.ready else "[red]no[/]"
        table.add_row(row.name, str(row.pid or "-"), ready, str(row.restarts))
    console.print(table)
    console.print(f"\n{state.phase}: {state.api_url}" if state.api_url else f"\n{state.phase}")


if __name__ == "__main__":
    try:
        app()
    except StackError as stopped:
        sys.stderr.write(f"\n{stopped}\n")
        sys.exit(1)
