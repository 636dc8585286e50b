"""The real machinery in one process: projector, relay and workers with quick stages, over real
servers.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from support.quick import QUICK_MAKER, QuickStage, spec
from support.waiting import eventually

from projector.batch import Written
from projector.intake import Intake
from script_worker.stage import ScriptStage
from script_worker.writers.port import Writer
from shared import openings, pipeline
from shared.artifacts.store import ArtifactStore
from shared.engines import Engines
from shared.messages.commands import WriteScript
from shared.messaging.publisher import Publisher
from shared.runtime.service import supervised
from shared.runtime.settings import ProcessSettings
from shared.runtime.worker import StageSpec, Worker
from shared.state import Project, RunKind
from shared.store import aggregate, tables
from shared.store.aggregate import Held
from shared.store.dispatch import commit_outcomes
from shared.store.engine import store_engine
from shared.store.relay import Relay


@dataclass(slots=True, kw_only=True)
class System:
    """What a test can see and do from outside the services."""

    engine: AsyncEngine
    artifacts: ArtifactStore
    rabbitmq_url: str
    stages: dict[str, QuickStage]
    relay: Relay
    stop: asyncio.Event
    percents: list[int] = field(default_factory=list)

    async def create(self, *, user: str = "ann", **values: Any) -> UUID:
        project_id = uuid4()
        row = {
            "id": project_id,
            "user_id": user,
            "title": "海绵城市",
            "source": {"kind": "article", "text": "城市里的雨水管理正在发生变化。"},
        }
        async with self.engine.begin() as conn:
            await conn.execute(tables.projects.insert().values({**row, **values}))
        return project_id

    async def open(self, project_id: UUID, kind: RunKind) -> UUID:
        """Opens a run as the API does."""
        run_id = uuid4()
        async with self.engine.begin() as conn:
            ids = await aggregate.lock(conn, [project_id])
            now = await aggregate.now(conn)
            held = (await aggregate.load(conn, ids))[project_id]
            if kind is RunKind.SCRIPT:
                run = openings.open_script(held.project, run_id, Engines(), again=True)
            else:
                run = openings.open_production(held.project, run_id, Engines(image=QUICK_MAKER))
            outcome = pipeline.advanced(openings.opened(held.project, run), run, now)
            await commit_outcomes(conn, [(held, outcome)], now=now)
        self.relay.wake()
        return run_id

    async def held(self, project_id: UUID) -> Held:
        async with self.engine.connect() as conn:
            return (await aggregate.load(conn, [project_id]))[project_id]

    async def project(self, project_id: UUID) -> Project:
        project = (await self.held(project_id)).project
        self.percents.append(project.progress)
        return project

    async def rows(self, table: Any) -> list[Any]:
        async with self.engine.connect() as conn:
            return list((await conn.execute(select(table))).mappings())


def quick_stages(artifacts: ArtifactStore, scenes: int = 3) -> dict[str, QuickStage]:
    names = ("script", "voice", "visual", "clip", "assembly")
    return {name: QuickStage(name, artifacts, scenes=scenes) for name in names}


@asynccontextmanager
async def running(
    database_url: str,
    rabbitmq_url: str,
    place: Path | ArtifactStore,
    *,
    projectors: int = 1,
    scenes: int = 3,
    writer: Writer | None = None,
) -> AsyncIterator[System]:
    """The system, up; everything is stopped and closed at the end. ``place``: a folder or a
    store. ``writer`` writes the scripts in place of the quick stage.
    """
    artifacts = ArtifactStore.at(f"file://{place}") if isinstance(place, Path) else place
    engine = store_engine(database_url, pool=4 + projectors, application="tests")
    stop = asyncio.Event()
    stages = quick_stages(artifacts, scenes)
    specs = [spec(stage) for stage in stages.values()]
    if writer is not None:
        specs[0] = _written_by(writer, artifacts)
    async with AsyncExitStack() as stack:
        publisher = await stack.enter_async_context(Publisher(rabbitmq_url, name="tests"))
        relay = Relay(engine, publisher, artifacts, stop)
        loops = [asyncio.create_task(supervised("relay", relay.run, stop))]

        def applied(written: Written) -> None:
            if written.posted:
                relay.wake()

        for _ in range(projectors):
            intake = Intake(rabbitmq_url, engine, applied=applied)
            loops.append(asyncio.create_task(supervised("intake", intake.run, stop)))
        worker = Worker(
            "worker",
            specs,
            rabbitmq_url=rabbitmq_url,
            publisher=publisher,
            artifacts=artifacts,
        )
        working = asyncio.create_task(worker.run(ProcessSettings(grace_s=2), stop))
        await eventually(lambda: _ready(worker))
        try:
            yield System(
                engine=engine,
                artifacts=artifacts,
                rabbitmq_url=rabbitmq_url,
                stages=stages,
                relay=relay,
                stop=stop,
            )
        finally:
            stop.set()
            await working
            for loop in loops[1:]:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
    await engine.dispose()


def _written_by(writer: Writer, artifacts: ArtifactStore) -> StageSpec:
    stage = ScriptStage([writer], artifacts)
    return StageSpec(name="script", command=WriteScript, stage=stage, slots=1)


async def _ready(worker: Worker) -> bool:
    """Every queue has its consumer."""
    return await worker.consuming()
