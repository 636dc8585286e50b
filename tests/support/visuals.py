"""A visual worker: its commands, its stage and its facts, in this process or in one of its own."""

import asyncio
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from support.building import a_project, a_script, opened_production, task_of
from support.clocks import HastyClock
from support.heard import Heard

from media_worker.visual import VisualStage
from media_worker.visuals.footage import FootageMaker
from shared.artifacts.store import ArtifactStore
from shared.commanding import command_of
from shared.engines import Engines
from shared.messages.commands import MakeVisual
from shared.messages.script import Card, FootageCard, PictureCard
from shared.runtime.leaving import leave
from shared.runtime.settings import FootageSettings, ImageSettings
from shared.runtime.work import Jobs

if TYPE_CHECKING:
    from media_worker.visuals.images import ImageMaker

PROMPT = "雨后的城市公园，水彩"
_FACT = "fact: "
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

    def __init__(
        self,
        folder: Path,
        maker: "type[ImageMaker | FootageMaker]",
        settings: Any,
        kind: type[ArtifactStore] = ArtifactStore,
    ) -> None:
        self.store = kind.at(f"file://{folder}")
        self.heard = Heard()
        self.clock = HastyClock()
        self.maker: Any = maker(settings, self.store, self.clock)
        stage = VisualStage(self.maker, artifacts=self.store)
        self.jobs = Jobs(stage, self.heard, self.store, slots=2)  # type: ignore[arg-type]

    def command(self, **changes: Any) -> MakeVisual:
        kind = FootageCard if isinstance(self.maker, FootageMaker) else PictureCard
        return a_command(kind(prompt=PROMPT), self.maker.engine).model_copy(update=changes)

    async def make(self, command: MakeVisual | None = None, delivery: int = 0) -> Any:
        await self.jobs.handle(command or self.command(), delivery)
        return self.heard.facts[-1]


def an_image_worker(folder: Path, settings: Any) -> VisualWorker:
    """Its client library is loaded here: no other visual worker waits for that."""
    from media_worker.visuals.images import ImageMaker

    return VisualWorker(folder, ImageMaker, settings)


async def in_a_process(
    folder: Path, kind: str, url: str, *, dies_at: str = "", deliveries: int = 1
) -> tuple[int, list[Any]]:
    """Deliveries, one after the other, each to a worker that knows nothing of the others, in a
    process of their own: its exit code, and each one's last fact if it lived to state one.
    ``dies_at`` names a fail point.
    """
    mark = folder.parent / f"{dies_at}.hit"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    if dies_at:
        env["FAIL_POINT"] = f"{dies_at}={mark}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "support.visuals", str(folder), kind, url, str(deliveries)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=env,
    )
    told, complaints = await process.communicate()
    if process.returncode not in {0, -9}:
        raise AssertionError(f"exit code {process.returncode}: {complaints.decode()}")
    assert not dies_at or mark.exists(), f"{dies_at} was not reached"
    facts = [line for line in told.decode().splitlines() if line.startswith(_FACT)]
    return process.returncode or 0, [json.loads(fact.removeprefix(_FACT)) for fact in facts]


async def _delivered(folder: Path, kind: str, url: str, deliveries: int) -> None:
    for delivery in range(deliveries):
        if kind == "image":
            worker = an_image_worker(folder, image_settings(url))
        else:
            worker = VisualWorker(folder, FootageMaker, footage_settings(url))
        fact = await worker.make(delivery=delivery)
        await worker.maker.close()
        sys.stdout.write(f"\n{_FACT}{fact.model_dump_json()}\n")


if __name__ == "__main__":
    asyncio.run(_delivered(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])))
    leave()
