"""A visual worker: its commands, its stage and its facts, in this process or in one of its own."""

import asyncio
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from support.building import a_project, a_script, opened_production, task_of
from support.clocks import HastyClock
from support.heard import Heard

from media_worker.visual import VisualStage
from media_worker.visuals.footage import FootageMaker
from media_worker.visuals.images import ImageMaker
from shared.artifacts.store import ArtifactStore
from shared.commanding import command_of
from shared.engines import Engines
from shared.messages.commands import MakeVisual
from shared.messages.script import Card, FootageCard, PictureCard
from shared.runtime.leaving import leave
from shared.runtime.settings import FootageSettings, ImageSettings
from shared.runtime.work import Jobs

PROMPT = "雨后的城市公园，水彩"
KEY = "sk-good"
PROJECT = UUID("6f2f7c1e-8a53-4e0e-9d0a-2f6f6a4a0003")


def image_settings(url: str, **changes: Any) -> ImageSettings:
    values = {"image_api_key": KEY, "image_model": "gpt-image-1", **changes}
    return ImageSettings(_env_file=None, image="custom", image_base_url=url, **values)  # pyright: ignore


def footage_settings(url: str, **changes: Any) -> FootageSettings:
    values = {"footage_api_key": KEY, "footage_model": "wan2.6-t2v", **changes}
    return FootageSettings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        footage="dashscope",
        footage_base_url=url,
        **values,
    )


def a_command(card: Card, engine: str) -> MakeVisual:
    """The same for the same card, but for its run."""
    script = a_script(1, of=PROJECT)
    scene = script.scenes[0].model_copy(update={"card": card})
    script = script.model_copy(update={"scenes": (scene,)})
    project = a_project(id=PROJECT, script=script, script_version=1)
    outcome = opened_production(project, engines=Engines(image=engine, footage=engine))
    task = replace(task_of(outcome.run, "visual"), dispatch=1)
    made = command_of(outcome.project, outcome.run, task)
    assert isinstance(made, MakeVisual)
    return made


class VisualWorker:
    """``make`` handles one command as a worker would, and answers its last fact."""

    def __init__(self, folder: Path, maker: type[ImageMaker | FootageMaker], settings: Any) -> None:
        self.store = ArtifactStore.at(f"file://{folder}")
        self.heard = Heard()
        self.clock = HastyClock()
        self.maker: Any = maker(settings, self.store, self.clock)
        stage = VisualStage(self.maker, artifacts=self.store)
        self.jobs = Jobs(stage, self.heard, self.store, slots=2)  # type: ignore[arg-type]

    def command(self, **changes: Any) -> MakeVisual:
        kind = PictureCard if isinstance(self.maker, ImageMaker) else FootageCard
        return a_command(kind(prompt=PROMPT), self.maker.engine).model_copy(update=changes)

    async def make(self, command: MakeVisual | None = None, delivery: int = 0) -> Any:
        await self.jobs.handle(command or self.command(), delivery)
        return self.heard.facts[-1]


async def in_a_process(folder: Path, kind: str, url: str, *, dies_at: str = "") -> tuple[int, Any]:
    """One delivery to a worker in a process of its own: its exit code, and its last fact if it
    lived to state one. ``dies_at`` names a fail point.
    """
    mark = folder.parent / f"{dies_at}.hit"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    if dies_at:
        env["FAIL_POINT"] = f"{dies_at}={mark}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "support.visuals", str(folder), kind, url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=env,
    )
    told, complaints = await process.communicate()
    if process.returncode not in {0, -9}:
        raise AssertionError(f"exit code {process.returncode}: {complaints.decode()}")
    assert not dies_at or mark.exists(), f"{dies_at} was not reached"
    lines = told.decode().splitlines()
    return process.returncode or 0, json.loads(lines[-1]) if process.returncode == 0 else None


async def _once(folder: Path, kind: str, url: str) -> None:
    image = kind == "image"
    settings = image_settings(url) if image else footage_settings(url)
    worker = VisualWorker(folder, ImageMaker if image else FootageMaker, settings)
    fact = await worker.make()
    await worker.maker.close()
    sys.stdout.write("\n" + fact.model_dump_json() + "\n")


if __name__ == "__main__":
    asyncio.run(_once(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
    leave()
